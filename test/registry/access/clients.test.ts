import { SchemaRegistryClient } from '@confluentinc/schemaregistry'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { expect, test } from 'vitest'
import { VOTE } from '../clients/listening.ts'
import { send } from '../send.ts'
import { ADMIN, guarded, listening, tokenFor } from './guarded.ts'

test("Confluent's client sends a token as a bearer, or as the password of Basic", async () => {
  await using registry = await guarded()
  const url = await listening(registry)
  const token = await tokenFor(registry.store, ['register:votes-value'])
  const ways = [
    { basicAuthCredentials: { credentialsSource: 'USER_INFO' as const, userInfo: `anybody:${token}` } },
    {
      bearerAuthCredentials: {
        credentialsSource: 'STATIC_TOKEN' as const,
        token,
        logicalCluster: 'l',
        identityPoolId: 'i',
      },
    },
  ]
  for (const way of ways) {
    const client = new SchemaRegistryClient({ baseURLs: [url], ...way })
    expect(await client.register('votes-value', { schemaType: 'JSON', schema: VOTE })).toBe(1)
    await expect(client.register('other', { schemaType: 'JSON', schema: VOTE })).rejects.toMatchObject({
      status: 403,
      errorCode: 40301,
    })
  }
  const nobody = new SchemaRegistryClient({ baseURLs: [url] })
  await expect(nobody.getAllSubjects()).rejects.toMatchObject({ status: 401, errorCode: 40101 })
})

test("KafkaJS's client sends it as the password of Basic, and registers where the level is set", async () => {
  await using registry = await guarded()
  const host = await listening(registry)
  const password = await tokenFor(registry.store, ['register:votes-value'])
  const client = new SchemaRegistry({ host, auth: { username: 'anybody', password } })
  const first = async () => client.register({ type: SchemaType.JSON, schema: VOTE }, { subject: 'votes-value' })
  // At its first sight of a subject it sets the level, which is an administrator's to set.
  await expect(first()).rejects.toThrow(/needs the scope admin/)
  await send(registry, 'PUT /config/votes-value', { compatibility: 'BACKWARD' }, ADMIN)
  expect(await first()).toMatchObject({ id: 1 })
})
