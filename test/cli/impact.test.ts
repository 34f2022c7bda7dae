import { describe, expect, test } from 'vitest'
import { configOf, listeningRegistry, type Project, project, publish, textFields } from './project.ts'

/** A vote API, a tally that reads its votes, and a screen that reads what the tally counts, all in production. */
async function running(): Promise<{ readonly url: string; readonly api: Project }> {
  const url = await listeningRegistry()
  const counts = { stream: 'counts', schema: textFields('count') }
  const tally = { ...configOf('tally', 'reads', 'option'), writes: [counts] }
  await publish(url, configOf('vote-api', 'writes', 'option'), { runsIn: ['production'] })
  await publish(url, tally, { runsIn: ['production'] })
  await publish(url, { service: 'screen', reads: [counts] }, { runsIn: ['production'] })
  await publish(url, configOf('vote-api', 'writes', 'vote'), { version: '2' })
  return { url, api: await project({ 'concordat.json': configOf('vote-api', 'writes', 'vote') }, { url }) }
}

describe('concordat impact', () => {
  test('tells whom a version would break, who lives on them, and who must be told', async () => {
    const { api } = await running()
    const { code, stdout } = await api.run('impact', '--version', '2', '--to', 'production')
    expect(code).toBe(0)
    expect(stdout.split('\n')).toEqual([
      'vote-api 2 would break 1 service in production. Tell tally, screen.',
      '',
      'stream:votes  tally 1  incompatible',
      expect.stringMatching(/^ {2}On stream:votes, tally 1 .* renamed\?$/),
      '',
      'ALSO TELL  SINCE IT LIVES ON',
      'screen     tally → stream:counts',
      '',
    ])
    const json = await api.run('impact', '--version', '2', '--to', 'production', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ tell: ['tally', 'screen'], isWhole: true })
  })

  test('tells that nobody would break', async () => {
    const { api } = await running()
    expect(await api.run('impact', '--version', '1', '--to', 'production')).toEqual({
      code: 0,
      stdout: 'vote-api 1 would break nobody in production.\n',
      stderr: '',
    })
  })

  test.each([
    [['--version', '7', '--to', 'production'], /has no version "7"/],
    [['--version', '2', '--to', 'nowhere'], /^There is no environment "nowhere"/],
    [['--version', '2'], /required option '--to <environment>'/],
  ])('refuses %j with exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await (await running()).api.run('impact', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(sentence)
  })
})

describe('concordat fields', () => {
  test('lists who names a field, where, and where it runs', async () => {
    const { api } = await running()
    const { code, stdout, stderr } = await api.run('fields', 'option')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      'SERVICE   VERSION  VERB    CHANNEL       AT                  REQUIRED  RUNS IN',
      'tally     1        reads   stream:votes  /properties/option  yes       production',
      'vote-api  1        writes  stream:votes  /properties/option  yes       production',
      '',
    ])
    const reads = await api.run('fields', 'option', '--verb', 'reads', '--json')
    expect(JSON.parse(reads.stdout)).toMatchObject({ fields: [{ service: 'tally' }], isWhole: true })
  })

  test('says that there are more than it was to tell', async () => {
    const { api } = await running()
    const { stdout, stderr } = await api.run('fields', 'option', '--limit', '1')
    expect(stdout).not.toContain('vote-api')
    expect(stderr).toBe('There are more of them: ask with a higher --limit than 1.\n')
  })

  test('says that nobody names it', async () => {
    const { api } = await running()
    expect((await api.run('fields', 'choice', '--verb', 'calls')).stdout).toBe(
      'No contract that calls names a field "choice".\n',
    )
    expect(await api.run('fields', 'a', '--limit', '0')).toMatchObject({ code: 2 })
  })
})
