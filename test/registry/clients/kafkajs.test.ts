import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { expect, test } from 'vitest'
import { listeningRegistry, MORE_OPTIONS, RENAMED, VOTE } from './listening.ts'

const json = (schema: string, more: object = {}) => ({ type: SchemaType.JSON as const, schema, ...more })
const votes = { subject: 'votes-value' }

test('registers at its first sight of a subject, and sets its level', async () => {
  await using server = await listeningRegistry()
  const registry = new SchemaRegistry({ host: server.url })
  expect(await registry.register(json(VOTE), votes)).toMatchObject({ id: 1 })
  expect(await (await fetch(`${server.url}/config/votes-value`)).json()).toEqual({ compatibilityLevel: 'BACKWARD' })
  expect(await registry.getLatestSchemaId('votes-value')).toBe(1)
  expect(await registry.getRegistryId('votes-value', 1)).toBe(1)
  expect(await registry.getRegistryIdBySchema('votes-value', json(VOTE))).toBe(1)
})

test('encodes and decodes, and refuses what the schema does not allow', async () => {
  await using server = await listeningRegistry()
  const writer = new SchemaRegistry({ host: server.url })
  const { id } = await writer.register(json(VOTE), votes)
  const bytes = await writer.encode(id, { option: 'dogs' })
  const reader = new SchemaRegistry({ host: server.url })
  expect(await reader.decode(bytes)).toEqual({ option: 'dogs' })
  await expect(writer.encode(id, { option: 'fish' })).rejects.toThrow(/invalid/i)
})

test('evolves, and is refused with the reasons', async () => {
  await using server = await listeningRegistry()
  const registry = new SchemaRegistry({ host: server.url })
  await registry.register(json(VOTE), votes)
  expect(await registry.register(json(MORE_OPTIONS), votes)).toMatchObject({ id: 2 })
  await expect(registry.register(json(RENAMED), votes)).rejects.toThrow(/incompatible with an earlier schema/)
})

test('is told when the level that it wants is not the one that is set', async () => {
  await using server = await listeningRegistry()
  const registry = new SchemaRegistry({ host: server.url })
  await registry.register(json(VOTE), votes)
  const other = registry.register(json(VOTE), { ...votes, compatibility: COMPATIBILITY.FULL })
  await expect(other).rejects.toThrow(/does not match the configuration/)
})

test('decodes by a schema that refers to another subject', async () => {
  await using server = await listeningRegistry()
  const registry = new SchemaRegistry({ host: server.url })
  const $schema = 'http://json-schema.org/draft-07/schema#'
  const option = { $schema, $id: 'https://example.com/option.json', enum: ['cats', 'dogs'] }
  await registry.register(json(JSON.stringify(option)), { subject: 'option' })
  const properties = { option: { $ref: 'https://example.com/option.json' } }
  const references = [{ name: 'https://example.com/option.json', subject: 'option', version: 1 }]
  const vote = JSON.stringify({ $schema, type: 'object', properties, required: ['option'] })
  const { id } = await registry.register(json(vote, { references }), votes)
  const bytes = await new SchemaRegistry({ host: server.url }).encode(id, { option: 'cats' })
  expect(await new SchemaRegistry({ host: server.url }).decode(bytes)).toEqual({ option: 'cats' })
})

test('is told by name that AVRO is not supported', async () => {
  await using server = await listeningRegistry()
  const registry = new SchemaRegistry({ host: server.url })
  const avro = JSON.stringify({ type: 'record', name: 'Vote', namespace: 'votes', fields: [] })
  const refused = registry.register({ type: SchemaType.AVRO, schema: avro }, votes)
  await expect(refused).rejects.toThrow(/Concordat keeps JSON Schema/)
})
