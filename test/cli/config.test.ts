import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readJsonConfig } from '../../cli/config/json-file.ts'
import { configOf, type Project, project, textFields, typescriptConfig } from './project.ts'

/** Publishing reads the whole configuration before it asks a registry; here none answers. */
async function refusal(made: Project, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await made.run('publish', '--version', '1', ...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  return stderr.trimEnd()
}

describe('a configuration that is wrong is one sentence and exit code 2', () => {
  test('when there is none', async () => {
    const made = await project({})
    expect(await refusal(made)).toMatch(/^There is no configuration in .*: write concordat\.config\.ts or /)
    expect(await refusal(made, '--config', 'other.json')).toBe(
      'There is no configuration "other.json": name another with --config.',
    )
  })

  test('when what is named is no file of a configuration', async () => {
    const made = await project({ 'concordat.yaml': 'service: tally\n', 'apps/x.txt': '' })
    for (const name of ['concordat.yaml', 'apps'])
      expect(await refusal(made, '--config', name)).toBe(
        `"${name}" is no configuration: name a file of TypeScript, JavaScript or JSON.`,
      )
  })

  test('when there are two', async () => {
    const made = await project({ ...typescriptConfig('option'), 'concordat.json': configOf('a', 'reads', 'b') })
    expect(await refusal(made)).toBe('Both concordat.config.ts and concordat.json are there: name one with --config.')
  })

  test.each([
    [
      'throws',
      "const fields = ['a']\nthrow new Error(`no ${fields[0]}`)\n",
      /^concordat\.config\.ts:2:7: .* cannot be loaded: Error: no a\.$/,
    ],
    ['ends the process', 'process.exit(0)\n', /cannot be loaded: it ended the process before its service was there\.$/],
    [
      'exports no service',
      'export default { name: 3 }\n',
      /cannot be loaded: it exports no service: write export default/,
    ],
    [
      'exports what is no contract',
      "export default { name: 'a', contracts: [{}] }\n",
      /the service's contract 1 is none/,
    ],
    ['imports what is not there', "import './nowhere.ts'\n", /cannot be loaded: Error: Cannot find module/],
    ['throws no error', 'throw { reason: 3 }\n', /cannot be loaded: it throws \{"reason":3\}\.$/],
  ])('when a module %s', async (_, text, sentence) => {
    expect(await refusal(await project({ 'concordat.config.ts': text }))).toMatch(sentence)
  })

  test('when it throws in a folder whose name an address writes otherwise', async () => {
    const made = await project({ 'my own #1 ü/concordat.config.ts': "throw new Error('no')\n" })
    expect(await refusal(made, '--config', 'my own #1 ü/concordat.config.ts')).toBe(
      'my own #1 ü/concordat.config.ts:1:7: The configuration my own #1 ü/concordat.config.ts cannot be loaded: Error: no.',
    )
  })

  test('when a contract file does not parse, with its line and column', async () => {
    const made = await project({
      ...typescriptConfig('option'),
      'contracts/votes.ts': 'const a = 1\nexport const = 2\n',
    })
    expect(await refusal(made)).toMatch(
      /^contracts\/votes\.ts:2:14: The configuration concordat\.config\.ts cannot be loaded/,
    )
    const javascript = await project({ 'concordat.config.mjs': "import './a.js'\n", 'a.js': '\n  const = 2\n' })
    expect(await refusal(javascript)).toMatch(/^a\.js:2:9: The configuration concordat\.config\.mjs cannot be loaded/)
  })

  test('when a contract is refused by what declares it', async () => {
    const files = typescriptConfig('option')
    const text = files['contracts/votes.ts']?.replace("stream('votes'", "stream('votes with spaces'") ?? ''
    const made = await project({ ...files, 'contracts/votes.ts': text })
    expect(await refusal(made)).toMatch(/^contracts\/votes\.ts:6:22: .*"votes with spaces" cannot name a stream/)
  })

  test('when JSON does not parse, with its line and column', async () => {
    const made = await project({ 'concordat.json': '{\n  "service": "tally",\n}\n' })
    expect(await refusal(made)).toMatch(/^concordat\.json:3:1: The whole is not JSON: /)
  })

  test('when a file is no text in UTF-8, or YAML and no OpenAPI', async () => {
    const reads = [{ stream: 'votes', schema: 'votes.yaml' }]
    const made = await project({ 'concordat.json': { service: 'a', reads }, 'votes.yaml': 'type: object' })
    expect(await refusal(made)).toBe(
      'votes.yaml is named as YAML, which is read of OpenAPI only: convert it to JSON first.',
    )
    await writeFile(join(made.folder, 'concordat.json'), Buffer.from('{"service":"\xE4"}', 'latin1'))
    expect(await refusal(made)).toBe('concordat.json is not text in UTF-8.')
  })

  test('when JSON says a thing twice', async () => {
    const made = await project({ 'concordat.json': '{ "service": "a",\n  "service": "b" }' })
    expect(await refusal(made)).toBe('concordat.json:2:3: /service stands twice in its object.')
  })

  test('for all that is no configuration, each at its place', async () => {
    const text = `{
  "service": "tally",
  "reads": [{ "streem": "votes", "schema": {} }],
  "calls": [{ "provider": "vote-api", "method": "FETCH", "path": "/a", "responses": {} }]
}`
    expect((await refusal(await project({ 'concordat.json': text }))).split('\n')).toEqual([
      'concordat.json:3:13: /reads/0 needs the member "stream".',
      'concordat.json:3:15: /reads/0/streem is no member that is known there.',
      'concordat.json:4:39: /calls/0/method must be one of ["GET","HEAD","POST","PUT","PATCH","DELETE","OPTIONS"].',
      'concordat.json:4:72: /calls/0/responses must NOT have fewer than 1 properties.',
    ])
  })

  test.each([
    ['does not parse', '{ "type": "string"\n  "x": 1 }', /^schemas\/votes\.json:2:3: The whole is not JSON: /],
    [
      'is no schema',
      '{\n  "type": "strin" }',
      'schemas/votes.json:2:3: /type is no JSON Schema: must be equal to one of the allowed values.',
    ],
    ['refers elsewhere', '{ "$ref": "other.json" }', /^schemas\/votes\.json:1:3: \/\$ref refers to "other\.json"/],
  ])('when the file of a schema %s', async (_, schema, sentence) => {
    const config = { service: 'tally', reads: [{ stream: 'votes', schema: './schemas/votes.json' }] }
    const made = await project({ 'concordat.json': config, 'schemas/votes.json': schema })
    expect(await refusal(made)).toMatch(sentence)
  })

  test('when the file of a schema is not there', async () => {
    const config = { service: 'tally', reads: [{ stream: 'votes', schema: 'votes.json' }] }
    expect(await refusal(await project({ 'concordat.json': config }))).toMatch(/^votes\.json cannot be read \(ENOENT/)
  })

  test('when a schema in place is none, with its place in the configuration', async () => {
    const text = '{ "service": "tally",\n  "reads": [{ "stream": "votes", "schema":\n    { "required": 3 } }] }'
    expect(await refusal(await project({ 'concordat.json': text }))).toBe(
      'concordat.json:3:7: /reads/0/schema/required is no JSON Schema: must be array.',
    )
  })

  test.each([
    [{ swagger: '2.0' }, {}, /^api\.json:1:1: The OpenAPI document is refused: its version is null/],
    [
      { openapi: '3.1.0', paths: { '/a': { get: { parameters: [{ $ref: '#/nowhere' }] } } } },
      {},
      /^api\.json:\d+:\d+: .* it refers to nothing/,
    ],
    [{ openapi: '3.1.0', paths: {} }, { only: ['GET /b'] }, /^api\.json:3:3: It has no operation "GET \/b"\.$/],
  ])('when %j is no OpenAPI for %j', async (document, only, sentence) => {
    const calls = [{ provider: 'b', openapi: 'api.json', ...only }]
    expect(await refusal(await project({ 'concordat.json': { service: 'a', calls }, 'api.json': document }))).toMatch(
      sentence,
    )
  })
})

describe('OpenAPI in YAML', () => {
  const api = `openapi: 3.1.0
paths:
  /votes/{poll}:
    get:
      responses: { 200: { content: { application/json: { schema: &votes { type: array } } } } }
    post:
      requestBody: { content: { application/json: { schema: *votes } } }
      responses: { "201": { description: counted on 2026-01-31 } }
`
  const config = { service: 'a', openapi: 'api.yaml' }

  test('declares its operations, each with its line', async () => {
    const made = await project({ 'concordat.json': config, 'api.yaml': api })
    const names = { shown: basename, told: basename }
    const { contracts } = await readJsonConfig(join(made.folder, 'concordat.json'), names)
    expect(contracts.map(({ channel, origin }) => [channel, origin])).toEqual([
      ['http:a GET /votes/{}#request', 'api.yaml:4'],
      ['http:a GET /votes/{}#200', 'api.yaml:4'],
      ['http:a POST /votes/{}#request', 'api.yaml:6'],
      ['http:a POST /votes/{}#201', 'api.yaml:6'],
    ])
    expect(contracts[1]?.schema).toContain('"array"')
  })

  test.each([
    [api.replace('get:', 'get: ['), /^api\.yaml:\d+:\d+: It is no YAML: /],
    [`${api}openapi: 3.0.0\n`, /^api\.yaml:9:1: It is no YAML: Map keys must be unique/],
    [
      api.replace('{ schema: *votes }', '{ schema: { $ref: "#/nowhere" } }'),
      /^api\.yaml:7:7: .* #\/nowhere is no schema in its components\.$/,
    ],
    ['openapi: 3.1.0\npaths: 7\n', /^api\.yaml:/],
    [bomb(), /^api\.yaml:1:1: It cannot be read: Excessive alias count/],
    ['['.repeat(50_000), /^api\.yaml:/],
  ])('that is wrong is refused with its place: %#', async (text, sentence) => {
    expect(await refusal(await project({ 'concordat.json': config, 'api.yaml': text }))).toMatch(sentence)
  })
})

/** A short text that would say a billion things. */
function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`)
  return ['openapi: 3.1.0', 'l0: &l0 x', ...lines, 'paths: {}'].join('\n')
}

test('what a configuration prints and leaves running is not done to the command', async () => {
  const { 'concordat.config.ts': config = '', ...files } = typescriptConfig('option')
  const noisy = `${config}console.log('noise')\nsetInterval(() => {}, 1000)\n`
  const made = await project({ ...files, 'concordat.config.ts': noisy })
  const { code, stdout, stderr } = await made.run('publish', '--version', '1', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ error: 'registry.unreachable' })
  expect(stderr).toContain('noise\n')
})

test('the schema for editors accepts a whole configuration', async () => {
  const made = await project({
    'concordat.json': {
      $schema: './node_modules/concordat/cli/concordat.schema.json',
      service: 'vote-api',
      writes: [{ stream: 'votes', bus: 'cache', schema: textFields('option'), encoding: 'json', field: 'vote' }],
      reads: [{ stream: 'closed', schema: true, guarded: false, external: true, keepsMs: 1000, encoding: 'json' }],
      serves: [{ method: 'POST', path: '/api/vote/{id}', request: {}, responses: { '201': 'votes.json' } }],
      calls: [{ provider: 'tally', method: 'GET', path: '/api/count', responses: { '200': {} } }],
    },
    'votes.json': { type: 'object' },
  })
  const { code, stderr } = await made.run('publish', '--version', '1')
  expect(stderr).toMatch(/^The registry cannot be reached/)
  expect(code).toBe(1)
})

test('a configuration elsewhere names its files from where it lies', async () => {
  const made = await project({
    'services/tally/concordat.json': { service: 'tally', reads: [{ stream: 'v', schema: 'v.json' }] },
  })
  await mkdir(join(made.folder, 'services/tally'), { recursive: true })
  expect(await refusal(made, '--config', 'services/tally/concordat.json')).toMatch(
    /^services\/tally\/v\.json cannot be read/,
  )
})
