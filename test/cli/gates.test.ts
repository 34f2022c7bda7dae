import { describe, expect, test } from 'vitest'
import { configOf, listeningRegistry, type Project, project, publish } from './project.ts'

/** A vote API whose version 1 runs in production, where tally 1 reads `option`. */
async function deployed(): Promise<{ readonly url: string; readonly api: Project; readonly tally: Project }> {
  const url = await listeningRegistry()
  const api = await project({ 'concordat.json': configOf('vote-api', 'writes', 'option') }, { url })
  const tally = await project({ 'concordat.json': configOf('tally', 'reads', 'option') }, { url })
  await publish(url, configOf('vote-api', 'writes', 'option'), { runsIn: ['production'] })
  await publish(url, configOf('tally', 'reads', 'option'), { runsIn: ['production'] })
  return { url, api, tally }
}

/** The vote API's version 2 calls its field `vote`. */
async function renamed(url: string): Promise<void> {
  await publish(url, configOf('vote-api', 'writes', 'vote'), { version: '2', branch: 'rename' })
}

describe('concordat can-i-deploy', () => {
  test('says yes, and what was compared', async () => {
    const { api, url } = await deployed()
    await publish(url, configOf('vote-api', 'writes', 'option'), { version: '1.1' })
    const { code, stdout } = await api.run('can-i-deploy', '--version', '1.1', '--to', 'production')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^Yes: vote-api 1\.1 can go to production/),
      '',
      'compatible  stream:votes  vote-api 1.1 (candidate) → tally 1 (deployed)',
      '',
      'note  Going back to vote-api 1 would be safe.',
      '',
    ])
  })

  test('says no with the reason, the message that shows it, where it is declared and what to do', async () => {
    const { api } = await deployed()
    await api.write('concordat.json', configOf('vote-api', 'writes', 'vote'))
    await api.run('publish', '--version', '2')
    const { code, stdout } = await api.run('can-i-deploy', '--version', '2', '--to', 'production')
    expect(code).toBe(3)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^No: vote-api 2 cannot go to production: /),
      '',
      'stream:votes  vote-api 2 (candidate) → tally 1 (deployed)  incompatible',
      '  /option is required by the reader and never written. The writer writes `vote`, which takes the same values: renamed?',
      '  message  {"vote":""}',
      '  entry    vote ""',
      '  where    concordat.json:4',
      expect.stringMatching(/^ {2}next {5}Let vote-api go on writing what tally 1 reads/),
      '',
      'note  Going back to vote-api 1 would be safe.',
      '',
    ])
  })

  test('says the same in JSON as the registry, and as a report in a file', async () => {
    const { api, url } = await deployed()
    await renamed(url)
    const report = ['--report', 'junit=out.xml', '--report', 'markdown=out.md', '--report', 'sarif']
    const { code, stdout } = await api.run('can-i-deploy', '--version', '2', '--to', 'production', '--json', ...report)
    const asked = await fetch(`${url}/api/can-i-deploy?service=vote-api&version=2&to=production`)
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toEqual(await asked.json())
    expect(await api.read('out.xml')).toContain('<failure type="incompatible" message="/option is required')
    expect(await api.read('out.md')).toContain(
      '| `stream:votes` | vote-api 2 (candidate) | tally 1 (deployed) | **incompatible** |',
    )
  })

  test('takes what goes together, and what stops at once', async () => {
    const { api, url } = await deployed()
    await renamed(url)
    await publish(url, configOf('tally', 'reads', 'vote'), { version: '2' })
    const alone = await api.run('can-i-deploy', '--version', '2', '--to', 'production', '--also', 'tally@2')
    const atOnce = await api.run(
      'can-i-deploy',
      '--version',
      '2',
      '--to',
      'production',
      '--also',
      'tally@2',
      '--at-once',
    )
    expect([alone.code, atOnce.code]).toEqual([3, 0])
  })

  test('asks the main branches of the others', async () => {
    const { api, url } = await deployed()
    await renamed(url)
    const { code, stdout } = await api.run('can-i-deploy', '--version', '2', '--against', 'main')
    expect(code).toBe(3)
    expect(stdout).toContain('vote-api 2 (candidate) → tally 1 (head)')
  })

  test('reserves the place with --start, until the deployment is recorded', async () => {
    const { api, url } = await deployed()
    await publish(url, configOf('vote-api', 'writes', 'option'), { version: '1.1' })
    const wanted = ['--version', '1.1', '--to', 'production', '--start', '--expires', '30m', '--by', 'ci']
    const { stdout } = await api.run('can-i-deploy', ...wanted, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      answer: 'yes',
      reservation: [{ service: 'vote-api', version: '1.1', by: 'ci' }],
    })
    const recorded = await api.run('record-deployment', '--version', '1.1', '--to', 'production')
    expect(recorded.stdout).toBe(
      'vote-api 1.1 runs in production, in the place of vote-api 1. Its reservation is closed.\n',
    )
  })

  test('gives the place up where the deployment came to nothing', async () => {
    const { api, url } = await deployed()
    await publish(url, configOf('vote-api', 'writes', 'option'), { version: '1.1' })
    const own = ['--version', '1.1', '--to', 'production']
    await api.run('can-i-deploy', ...own, '--start')
    expect((await api.run('environments', 'show', 'production')).stdout).toMatch(
      /^vote-api +1\.1 +starting +20\S+ +20\S+$/m,
    )
    expect((await api.run('record-deployment', ...own, '--abandon')).stdout).toBe(
      'vote-api 1.1 no longer has a place reserved in production.\n',
    )
    expect((await api.run('record-deployment', ...own, '--abandon')).stdout).toBe(
      'Nothing is reserved for it in production.\n',
    )
  })

  test.each([
    [['--to', 'nowhere'], /^There is no environment "nowhere"/],
    [['--to', 'production', '--version', '7'], /^The service "vote-api" has no version "7" \(did you mean "1"\?\)/],
    [['--to', 'production', '--service', 'vote-apj'], /^There is no service "vote-apj" \(did you mean "vote-api"\?\)/],
    [[], /say where it wants to go/],
    [['--to', 'test', '--against', 'main'], /say where it wants to go/],
    [['--against', 'production'], /--against takes "main"/],
    [['--against', 'main', '--start'], /--start reserves a place in an environment/],
    [['--to', 'test', '--expires', '1h'], /--expires is for the reservation/],
    [['--to', 'test', '--also', 'tally'], /such as tally@2\.0\.0/],
    [['--to', 'test', '--report', 'pdf'], /must be one of text, json, markdown/],
    [['--to', 'production', '--report', 'junit=none/out.xml'], /^The report cannot be written \(ENOENT/],
    [['--to', 'test', '--policy', 'lax'], /Allowed choices are as-declared, strict/],
  ])('refuses %j with one sentence and exit code 2', async (args, sentence) => {
    const url = await listeningRegistry()
    const api = await project({ 'concordat.json': configOf('vote-api', 'writes', 'option') }, { url })
    await publish(url, configOf('vote-api', 'writes', 'option'))
    const { code, stdout, stderr } = await api.run('can-i-deploy', '--version', '1', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.replace(/^error: /, '')).toMatch(sentence)
  })
})

describe('concordat check --against', () => {
  test('an environment compares the working copy, and publishes nothing', async () => {
    const { api, url } = await deployed()
    await api.write('concordat.json', configOf('vote-api', 'writes', 'vote'))
    const { code, stdout } = await api.run('check', '--against', 'production', '--report', 'github')
    expect(code).toBe(3)
    expect(stdout).toContain('::error file=concordat.json,line=4,title=incompatible%3A stream%3Avotes::')
    const service = await (await fetch(`${url}/api/services/vote-api`)).json()
    expect(service).toMatchObject({ versions: [{ version: '1' }] })
  })

  test('main compares it with the main branches of the others', async () => {
    const { tally } = await deployed()
    expect(await tally.run('check', '--against', 'main')).toMatchObject({ code: 0 })
    await tally.write('concordat.json', configOf('tally', 'reads', 'option', 'timestamp'))
    const { code, stdout } = await tally.run('check', '--against', 'main', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ answer: 'no', against: 'main', stops: [{ reason: 'incompatible' }] })
  })

  test('tells where a contract is declared that nobody meets', async () => {
    const { tally } = await deployed()
    await tally.write('concordat.json', { service: 'tally', reads: [{ stream: 'nobody', schema: { type: 'object' } }] })
    const { code, stdout } = await tally.run('check', '--against', 'production')
    expect(code).toBe(3)
    expect(stdout).toMatch(/^stream:nobody {2}.* {2}missing$/m)
    expect(stdout).toContain('  where    concordat.json:4\n')
  })
})

describe('concordat record-deployment and record-release', () => {
  test('say what runs, what it replaces, and what no longer runs', async () => {
    const { api, url } = await deployed()
    await publish(url, configOf('vote-api', 'writes', 'option'), { version: '1.1' })
    const steps = [
      ['record-deployment', '--version', '1.1', '--to', 'production'],
      ['record-deployment', '--version', '1.1', '--to', 'production'],
      ['record-deployment', '--version', '1', '--to', 'production', '--instance', 'eu'],
      ['record-deployment', '--to', 'production', '--instance', 'eu', '--undeploy'],
      ['record-release', '--version', '1', '--to', 'test'],
      ['record-release', '--version', '1', '--to', 'test', '--end'],
    ]
    const said: string[] = []
    for (const step of steps) said.push((await api.run(...step)).stdout)
    expect(said).toEqual([
      'vote-api 1.1 runs in production, in the place of vote-api 1.\n',
      'vote-api 1.1 runs in production.\n',
      'vote-api 1 (eu) runs in production.\n',
      'vote-api 1 (eu) no longer runs in production.\n',
      'vote-api 1 is released in test.\n',
      'vote-api 1 is no longer released in test.\n',
    ])
  })

  test('take no version for what is undeployed, whichever it is', async () => {
    const { api } = await deployed()
    const wrong = await api.run('record-deployment', '--to', 'production', '--undeploy', '--version', '7')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: --undeploy ends whatever version/) })
  })

  test('refuse what never ran', async () => {
    const { api } = await deployed()
    const { code, stderr } = await api.run('record-deployment', '--to', 'test', '--undeploy')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/vote-api/) })
  })
})

describe('concordat overrides', () => {
  test('wave a stop through for a time, are listed, and end', async () => {
    const { api, url } = await deployed()
    await renamed(url)
    const scope = ['--service', 'vote-api', '--version', '2', '--channel', 'stream:votes', '--to', 'production']
    const named = ['--reason', 'tally is off', '--by', 'ann', '--expires', '2h']
    const added = (await api.run('overrides', 'add', ...scope, ...named)).stdout
    const [id = ''] = /\d+/.exec(added) ?? []
    expect(added).toMatch(/^Override \d+ holds until 20/)
    const passed = await api.run('can-i-deploy', '--version', '2', '--to', 'production')
    expect(passed.code).toBe(0)
    expect(passed.stdout).toContain('overridden  stream:votes  vote-api 2 (candidate) → tally 1 (deployed)')
    expect(passed.stdout).toMatch(/^warning {2}Overridden by ann until 20.* \("tally is off"\): On stream:votes/m)
    expect((await api.run('overrides', 'list')).stdout).toMatch(
      /^ID .*\n\d+ +vote-api +2 +stream:votes +production +ann +20\S+ +tally is off\n$/,
    )
    expect((await api.run('overrides', 'end', id)).stdout).toBe(`Override ${id} has ended.\n`)
    expect(await api.run('can-i-deploy', '--version', '2', '--to', 'production')).toMatchObject({ code: 3 })
    expect((await api.run('overrides', 'list')).stdout).toBe('No overrides.\n')
  })

  test('need a scope, and a time that is one', async () => {
    const made = await project({})
    const all = ['--service', 'a', '--to', 'production', '--reason', 'b', '--by', 'c']
    expect((await made.run('overrides', 'add', ...all, '--expires', '1h')).stderr).toContain('say what may pass')
    expect((await made.run('overrides', 'add', ...all, '--expires', 'soon')).stderr).toContain('such as 30m, 12h or 7d')
    expect((await made.run('overrides', 'end', 'x')).stderr).toContain(
      'It must be the number of an override, such as 7',
    )
  })
})

describe('concordat environments and graph', () => {
  test('lists, creates and sets environments', async () => {
    const made = await project({}, { url: await listeningRegistry() })
    expect((await made.run('environments', 'create', 'staging')).stdout).toBe(
      'There is staging (not production, as-declared)\n',
    )
    expect((await made.run('environments', 'set', 'production', '--policy', 'strict')).stdout).toBe(
      'Set: production (production, strict)\n',
    )
    expect((await made.run('environments', 'list')).stdout.split('\n')).toEqual([
      'ENVIRONMENT  PRODUCTION  POLICY',
      'production   yes         strict',
      'staging      no          as-declared',
      'test         no          as-declared',
      '',
    ])
    expect(await made.run('environments', 'set', 'productoin', '--policy', 'strict')).toMatchObject({ code: 2 })
    expect(await made.run('environments', 'set', 'production')).toMatchObject({ code: 2 })
    expect(await made.run('environments', 'create', 'main')).toMatchObject({ code: 2 })
  })

  test('shows who meets where, as a table and as drawings', async () => {
    const { api } = await deployed()
    expect((await api.run('graph', '--environment', 'production')).stdout.split('\n')).toEqual([
      'SERVICE   VERB    CHANNEL       VERSIONS',
      'tally     reads   stream:votes  1',
      'vote-api  writes  stream:votes  1',
      '',
    ])
    expect((await api.run('graph', '--format', 'mermaid')).stdout).toMatch(/^flowchart LR\n/)
    expect((await api.run('graph', '--format', 'dot')).stdout).toMatch(/^digraph /)
    expect(JSON.parse((await api.run('graph', '--json')).stdout)).toMatchObject({ services: ['tally', 'vote-api'] })
  })
})
