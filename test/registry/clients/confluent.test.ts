import {
  Compatibility,
  JsonDeserializer,
  JsonSerializer,
  SchemaRegistryClient,
  SerdeType,
} from '@confluentinc/schemaregistry'
import { expect, test } from 'vitest'
import { type Temporary } from '../temporary.ts'
import { listeningRegistry, MORE_OPTIONS, RENAMED, VOTE } from './listening.ts'

const json = (schema: string, more: object = {}) => ({ schemaType: 'JSON', schema, ...more })

test('registers, finds and lists', async () => {
  await using registry = await connected()
  const { client } = registry
  expect(await client.register('votes-value', json(VOTE))).toBe(1)
  expect(await client.register('votes-value', json(VOTE))).toBe(1)
  expect(await client.registerFullResponse('other', json(VOTE), false)).toMatchObject({ id: 1, version: 1 })
  expect(await client.getBySubjectAndId('votes-value', 1)).toMatchObject({ schema: VOTE })
  expect(await client.getId('votes-value', json(VOTE))).toBe(1)
  expect(await client.getVersion('votes-value', json(VOTE))).toBe(1)
  expect(await client.getLatestSchemaMetadata('votes-value')).toMatchObject({ version: 1, subject: 'votes-value' })
  expect(await client.getSchemaMetadata('votes-value', 1)).toMatchObject({ id: 1, schema: VOTE })
  expect(await client.getAllVersions('votes-value')).toEqual([1])
  expect(await client.getAllSubjects()).toEqual(['other', 'votes-value'])
})

test('finds by guid, and by metadata', async () => {
  await using registry = await connected()
  const { client } = registry
  const metadata = { properties: { owner: 'tally' } }
  const { guid = '' } = await client.registerFullResponse('votes-value', json(VOTE, { metadata }), false)
  expect(await client.getByGuid(guid)).toMatchObject({ schema: VOTE, metadata })
  const found = await client.getLatestWithMetadata('votes-value', { owner: 'tally' })
  expect(found).toMatchObject({ version: 1, metadata })
  await expect(client.getLatestWithMetadata('votes-value', { owner: 'nobody' })).rejects.toMatchObject({
    status: 404,
    errorCode: 40403,
  })
})

test('evolves, and is refused with the reasons', async () => {
  await using registry = await connected()
  const { client } = registry
  await client.register('votes-value', json(VOTE))
  expect(await client.testSubjectCompatibility('votes-value', json(MORE_OPTIONS))).toBe(true)
  expect(await client.testCompatibility('votes-value', 1, json(RENAMED))).toBe(false)
  expect(await client.register('votes-value', json(MORE_OPTIONS))).toBe(2)
  const refused = client.register('votes-value', json(RENAMED))
  await expect(refused).rejects.toMatchObject({ status: 409, errorCode: 409 })
  await expect(refused).rejects.toThrow(/"votes-value", details: .*\/vote is required.*witness/)
})

test('reads and sets the configuration', async () => {
  await using registry = await connected()
  const { client } = registry
  expect(await client.getDefaultCompatibility()).toBe('BACKWARD')
  await expect(client.getCompatibility('votes-value')).rejects.toMatchObject({ status: 404, errorCode: 40408 })
  expect(await client.updateCompatibility('votes-value', Compatibility.FULL_TRANSITIVE)).toBe('FULL_TRANSITIVE')
  expect(await client.getCompatibility('votes-value')).toBe('FULL_TRANSITIVE')
  expect(await client.updateDefaultConfig({ compatibility: Compatibility.NONE })).toMatchObject({
    compatibility: 'NONE',
  })
  expect(await client.getDefaultConfig()).toMatchObject({ compatibilityLevel: 'NONE' })
})

test('deletes softly, then for good', async () => {
  await using registry = await connected()
  const { client } = registry
  await client.register('votes-value', json(VOTE))
  await client.register('votes-value', json(MORE_OPTIONS))
  expect(await client.deleteSubjectVersion('votes-value', 1)).toBe(1)
  expect(await client.getSchemaMetadata('votes-value', 1, true)).toMatchObject({ id: 1 })
  expect(await client.deleteSubject('votes-value')).toEqual([2])
  expect(await client.deleteSubject('votes-value', true)).toEqual([1, 2])
  await expect(client.getAllVersions('votes-value')).rejects.toMatchObject({ errorCode: 40401 })
})

test('serialises and deserialises, registering on its way', async () => {
  await using registry = await connected()
  const serializer = new JsonSerializer(registry.client, SerdeType.VALUE, { autoRegisterSchemas: true, validate: true })
  const bytes = await serializer.serialize('votes', { option: 'dogs' })
  expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 1])
  const deserializer = new JsonDeserializer(registry.client, SerdeType.VALUE, {})
  expect(await deserializer.deserialize('votes', bytes)).toEqual({ option: 'dogs' })
})

test('serialises by the latest version, and refuses what it does not allow', async () => {
  await using registry = await connected()
  await registry.client.register('votes-value', json(VOTE))
  const options = { useLatestVersion: true, autoRegisterSchemas: false, validate: true }
  const serializer = new JsonSerializer(registry.client, SerdeType.VALUE, options)
  const bytes = await serializer.serialize('votes', { option: 'dogs' })
  const deserializer = new JsonDeserializer(registry.client, SerdeType.VALUE, { validate: true })
  expect(await deserializer.deserialize('votes', bytes)).toEqual({ option: 'dogs' })
  await expect(serializer.serialize('votes', { option: 'fish' })).rejects.toThrow(/Invalid message/)
})

test('serialises by a schema that refers to another subject', async () => {
  await using registry = await connected()
  const { client } = registry
  const option = { $schema: 'http://json-schema.org/draft-07/schema#', enum: ['cats', 'dogs'] }
  await client.register('option', json(JSON.stringify(option)))
  const vote = { ...JSON.parse(VOTE), properties: { option: { $ref: 'option.json' } } }
  const references = [{ name: 'option.json', subject: 'option', version: 1 }]
  await client.register('votes-value', json(JSON.stringify(vote), { references }))
  const options = { useLatestVersion: true, autoRegisterSchemas: false, validate: true }
  const serializer = new JsonSerializer(client, SerdeType.VALUE, options)
  await expect(serializer.serialize('votes', { option: 'cats' })).resolves.toBeInstanceOf(Buffer)
  await expect(serializer.serialize('votes', { option: 'fish' })).rejects.toThrow(/Invalid message/)
})

async function connected(): Promise<Temporary<{ readonly client: SchemaRegistryClient }>> {
  const { url, [Symbol.asyncDispose]: dispose } = await listeningRegistry()
  const client = new SchemaRegistryClient({ baseURLs: [url] })
  return { client, [Symbol.asyncDispose]: dispose }
}
