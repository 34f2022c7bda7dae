import { afterAll, beforeAll, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { installPackage, type Project } from '../support/installed-package.ts'

let project: Project
beforeAll(async () => {
  project = await installPackage()
})
afterAll(() => project[Symbol.asyncDispose]())

test('the tarball holds what was built and what explains it, no sources and no tests', () => {
  expect(project.packed).toEqual(
    expect.arrayContaining(['package.json', 'dist/cli/main.js', 'dist/contracts/index.d.ts']),
  )
  expect(project.packed.filter((name) => /(?<!\.d)\.ts$/.test(name))).toEqual([])
  expect(project.packed.filter((name) => /(^|\/)(test|examples|bench|node_modules)\//.test(name))).toEqual([])
})

test('its public names can be imported by plain Node, and do their work', async () => {
  await project.write('use.js', PROGRAM)

  const { code, stdout, stderr } = await project.run('node', 'use.js')

  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    entry: ['option', 'dogs'],
    functions: {
      producer: 'function',
      consumer: 'function',
      createRegistryClient: 'function',
      createMetrics: 'function',
    },
    registered: { id: 1, version: 1 },
  })
})

// Longer than the others: the compiler reads the declarations of every dependency as well.
test('its types resolve, and they follow from the contract', { timeout: 60_000 }, async () => {
  await project.write('tsconfig.json', JSON.stringify({ compilerOptions: STRICT, include: ['types.ts'] }))
  await project.write('types.ts', TYPES)

  const { code, stdout } = await project.compile()

  expect(stdout).toBe('')
  expect(code).toBe(0)
})

test('`concordat --help` and `concordat --version` run through the bin', async () => {
  const [help, version] = await Promise.all([project.run('concordat', '--help'), project.run('concordat', '--version')])

  expect(help).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^Usage: concordat .*serve.*check/s),
  })
  expect(version).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
})

const PROGRAM = `
import { Type } from '@sinclair/typebox'
import { consumer } from 'concordat/consumers'
import { compileEncode, stream } from 'concordat/contracts'
import { producer } from 'concordat/producers'
import { buildServer, createRegistryClient, listen, openSqliteStore } from 'concordat/registry'
import { createMetrics } from 'concordat/telemetry'

const { entry } = compileEncode(stream('votes', { option: Type.String() }))({ option: 'dogs' })
const store = await openSqliteStore('data')
const server = buildServer({ store })
const url = await listen(server, { host: '127.0.0.1', port: 0 })
const registered = await createRegistryClient(url).register('votes', { type: 'object' })
await server.close()
await store[Symbol.asyncDispose]()
const functions = { producer: typeof producer, consumer: typeof consumer, createRegistryClient: typeof createRegistryClient, createMetrics: typeof createMetrics }
console.log(JSON.stringify({ entry, functions, registered }))
`

const TYPES = `
import { Type } from '@sinclair/typebox'
import { type Consumer, consumer } from 'concordat/consumers'
import { decide, type Message, reads, service, stream, type Verdict } from 'concordat/contracts'
import { type Producer, producer } from 'concordat/producers'
import { createRegistryClient, type RegistryClient } from 'concordat/registry'
import { createMetrics, type Metrics } from 'concordat/telemetry'
import { Redis } from 'ioredis'

const Votes = stream('votes', { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]) })
type Vote = Message<typeof Votes>
export const vote: Vote = { option: 'cats' }
// @ts-expect-error birds are no option
export const bird: Vote = { option: 'birds' }
// @ts-expect-error vote is never written
export const mistake = reads(Votes, { vote: Type.String() })

const redis: Redis = new Redis({ lazyConnect: true })
const metrics: Metrics = createMetrics()
export const votes: Producer<Vote> = producer(redis, Votes, { metrics })
export const tally: Consumer = consumer(redis, Votes, {
  group: 'tally',
  handle: ({ option }) => void (option satisfies 'cats' | 'dogs'),
})
export const client: RegistryClient = createRegistryClient('http://127.0.0.1:8081')
export const verdict: Verdict = decide(Votes.schema.root, Votes.schema.root)
export default service('vote-api', { writes: [Votes] })
`

const STRICT = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
}
