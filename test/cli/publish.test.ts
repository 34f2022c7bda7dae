import { describe, expect, test } from 'vitest'
import {
  commit,
  committedProject,
  configOf,
  listeningRegistry,
  project,
  textFields,
  typescriptConfig,
} from './project.ts'

describe('concordat publish', () => {
  test('publishes all contracts of a configuration in TypeScript, and tells where each is declared', async () => {
    const url = await listeningRegistry()
    const made = await committedProject(typescriptConfig('option'), { url })
    const sha = await made.git('rev-parse', 'HEAD')
    const { code, stdout, stderr } = await made.run('publish')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      `Published vote-api ${sha} (main): 3 contracts`,
      'VERB    CHANNEL                                  DECLARED IN',
      'serves  http:vote-api POST /api/vote/{}#201      contracts/votes.ts:10',
      'serves  http:vote-api POST /api/vote/{}#request  contracts/votes.ts:10',
      'writes  stream:votes                             contracts/votes.ts:6',
    ])
    const { contracts } = await told(url, `services/vote-api/versions/${sha}`)
    expect(contracts).toContainEqual(
      expect.objectContaining({ channel: 'stream:votes', encoding: 'fields', origin: 'contracts/votes.ts:6' }),
    )
  })

  test('publishes a configuration in JSON with its files, and the field of an encoding', async () => {
    const url = await listeningRegistry()
    const votes = { stream: 'votes', schema: './votes.json', encoding: 'json', field: 'vote', keepsMs: 5000 }
    const made = await committedProject(
      { 'apps/concordat.json': { service: 'tally', reads: [votes] }, 'apps/votes.json': textFields('option') },
      { url },
    )
    const { stdout } = await made.run('publish', '--config', 'apps/concordat.json', '--version', '1', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ service: 'tally', version: '1', branches: ['main'] })
    expect((await told(url, 'services/tally/versions/1')).contracts).toMatchObject([
      { channel: 'stream:votes', encoding: 'json', field: 'vote', keepsMs: 5000, origin: 'apps/votes.json' },
    ])
  })

  test('does so again, and refuses other contracts for the same version with exit code 3', async () => {
    const made = await project(
      { 'concordat.json': configOf('tally', 'reads', 'option') },
      { url: await listeningRegistry() },
    )
    expect(await made.run('publish', '--version', '1')).toMatchObject({ code: 0 })
    expect(await made.run('publish', '--version', '1')).toMatchObject({ code: 0 })
    await made.write('concordat.json', configOf('tally', 'reads', 'vote'))
    const { code, stdout, stderr } = await made.run('publish', '--version', '1', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      error: 'contracts.published-otherwise',
      differences: [{ what: 'changed' }],
    })
    expect(stderr).toMatch(/^tally 1 has published other contracts already/)
  })

  test('names the file of a contract that the registry refuses, and publishes none', async () => {
    const url = await listeningRegistry()
    const made = await committedProject(typescriptConfig('option'), { url })
    const mixed = { type: 'object', properties: { option: { type: ['string', 'number'] } }, required: ['option'] }
    const writes = [
      { stream: 'fine', schema: textFields('option') },
      { stream: 'mixed', schema: './mixed.json' },
    ]
    await made.write('mixed.json', mixed)
    await made.write('other.json', { service: 'vote-api', writes })
    const { code, stderr } = await made.run('publish', '--version', '1', '--config', 'other.json')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^mixed\.json: The contract of stream:mixed is refused: \/option may be /)
    expect((await fetch(`${url}/api/services/vote-api`)).status).toBe(404)
  })

  test('says that the commit does not hold all of the working copy', async () => {
    const made = await committedProject(
      { 'concordat.json': configOf('tally', 'reads', 'option') },
      { url: await listeningRegistry() },
    )
    await made.write('new.txt', 'not committed')
    const { code, stderr } = await made.run('publish')
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^Note: the working copy has changes/) })
  })

  test('wants a version where there is no commit', async () => {
    const made = await project({ 'concordat.json': configOf('tally', 'reads', 'option') })
    expect(await made.run('publish')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'There is no commit here that could name the version: say --version.\n',
    })
  })

  test.each([
    [{}, 'main'],
    [{ GITHUB_HEAD_REF: 'feature', GITHUB_REF_NAME: '7/merge' }, 'feature'],
    [{ GITHUB_HEAD_REF: '', GITHUB_REF_NAME: 'release' }, 'release'],
    [{ CI_COMMIT_BRANCH: 'from-gitlab' }, 'from-gitlab'],
    [{ GITHUB_REF_NAME: 'v1', GITHUB_REF_TYPE: 'tag' }, undefined],
  ])('takes the branch from git, and where a commit is checked out from %j', async (env, branch) => {
    const made = await committedProject(
      { 'concordat.json': configOf('tally', 'reads', 'option') },
      { url: await listeningRegistry(), env },
    )
    await made.git('checkout', '--quiet', ...(Object.keys(env).length > 0 ? ['--detach'] : ['main']))
    const { stdout } = await made.run('publish', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ branches: branch === undefined ? [] : [branch] })
  })

  test('tells the address of the build on GitHub', async () => {
    const env = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'ann/tally', GITHUB_RUN_ID: '7' }
    const made = await project(
      { 'concordat.json': configOf('tally', 'reads', 'option') },
      { url: await listeningRegistry(), env },
    )
    const { stdout } = await made.run('publish', '--version', '1', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ buildUrl: 'https://github.com/ann/tally/actions/runs/7' })
  })

  test('publishes the operations of OpenAPI, each with the line at which it stands', async () => {
    const url = await listeningRegistry()
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/Count' } } }
    const get = { responses: { '200': { description: 'The count.', content } } }
    const document = {
      openapi: '3.1.0',
      paths: { '/count/{option}': { get, delete: { responses: { '204': { description: 'Gone.' } } } } },
      components: { schemas: { Count: { type: 'integer' } } },
    }
    const calls = [{ provider: 'other', openapi: 'api.json', only: ['DELETE /count/{option}'] }]
    const config = { service: 'tally', openapi: 'api.json', calls }
    const made = await project({ 'concordat.json': config, 'api.json': document }, { url })
    const { code, stdout, stderr } = await made.run('publish', '--version', '1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').slice(2)).toEqual([
      'calls   http:other DELETE /count/{}#204      api.json:19',
      'calls   http:other DELETE /count/{}#request  api.json:19',
      'serves  http:tally DELETE /count/{}#204      api.json:19',
      'serves  http:tally DELETE /count/{}#request  api.json:19',
      'serves  http:tally GET /count/{}#200         api.json:5',
      'serves  http:tally GET /count/{}#request     api.json:5',
      '',
    ])
  })
})

describe('a registry', () => {
  test('that is not there is one sentence and exit code 1', async () => {
    const made = await project({ 'concordat.json': configOf('tally', 'reads', 'option') })
    expect(await made.run('publish', '--version', '1', '--url', 'http://127.0.0.1:10')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^The registry cannot be reached at http:\/\/127\.0\.0\.1:10 \(.+\): check the address/,
      ),
    })
  })

  test.each([
    ['ftp://localhost', /must be a URL such as http:/],
    ['http://ann:secret@localhost', /must carry no user and no password: set CONCORDAT_TOKEN/],
  ])('cannot be called %s', async (url, sentence) => {
    const made = await project({ 'concordat.json': configOf('tally', 'reads', 'option') }, { url })
    const byVariable = await made.run('publish', '--version', '1')
    const byOption = await made.run('publish', '--version', '1', '--url', url)
    for (const { code, stderr } of [byVariable, byOption]) {
      expect(code).toBe(2)
      expect(stderr).toMatch(sentence)
      expect(stderr.replaceAll(`'${url}'`, '')).not.toContain('secret')
    }
  })
})

async function told(url: string, path: string): Promise<{ readonly contracts: readonly object[] }> {
  return (await fetch(`${url}/api/${path}`)).json() as Promise<{ readonly contracts: readonly object[] }>
}

test('two versions of one service stand side by side', async () => {
  const url = await listeningRegistry()
  const made = await committedProject({ 'concordat.json': configOf('tally', 'reads', 'option') }, { url })
  await made.run('publish')
  await made.write('concordat.json', configOf('tally', 'reads', 'vote'))
  const second = await commit(made)
  await made.run('publish')
  expect(await (await fetch(`${url}/api/services/tally`)).json()).toMatchObject({
    versions: [{ version: second, branches: ['main'] }, { branches: ['main'] }],
  })
})
