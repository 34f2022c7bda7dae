import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { concordatProcess, serve } from '../../cli/concordat-process.ts'
import { concordat } from '../../cli/in-process.ts'
import { createAuthority } from '../../support/certificates.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'
import { ask, mountSecrets, nameShownBy } from './connections.ts'

const authority = createAuthority()
const trusting = { ca: authority.cert }

describe('concordat serve over TLS', () => {
  test('says so, and reads the certificate again on SIGHUP', async () => {
    await using folder = await disposableFolder()
    const mounted = await mountSecrets(folder.path, issue('first'))
    const env = { TLS_CERT_FILE: mounted.certFile, TLS_KEY_FILE: mounted.keyFile, APP_ENV: 'production' }
    await using running = await serve(['--json', '--data', join(folder.path, 'data')], { env })
    const { listening, pid } = JSON.parse(running.greeting)
    expect(listening).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(await ask(`${listening}/ready`, trusting)).toMatchObject({ status: 200 })
    await mounted.swap(issue('second'))
    process.kill(pid, 'SIGHUP')
    // Before it would have looked by itself.
    await waitFor('the new one', async () => (await nameShownBy(listening, trusting)) === 'second', 3000)
    expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' })
  })

  test('is asked by the other commands once they are told of its authority', async () => {
    await using folder = await disposableFolder()
    const { certFile, keyFile } = await mountSecrets(folder.path, issue('registry'))
    const caFile = join(folder.path, 'ca.crt')
    await writeFile(caFile, authority.cert)
    const env = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }
    await using running = await serve(['--data', join(folder.path, 'data')], { env })
    const asked = { CONCORDAT_URL: running.url }
    const [told, untold] = await Promise.all([
      concordatProcess(['environments', 'list', '--json'], { env: { ...asked, NODE_EXTRA_CA_CERTS: caFile } }),
      concordatProcess(['environments', 'list', '--json'], { env: asked }),
    ])
    expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('production') })
    expect(untold).toMatchObject({ code: 1, stderr: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE') })
  })

  test('does not start with files that cannot be used', async () => {
    await using folder = await disposableFolder()
    const { certFile, keyFile } = await mountSecrets(folder.path, { ...issue('first'), key: issue('second').key })
    const env = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }
    expect(await concordat(['serve', '--port', '0', '--data', join(folder.path, 'data')], { env })).toEqual({
      code: 2,
      stdout: '',
      stderr: `TLS_KEY_FILE names "${keyFile}", which cannot be used (its key is not that of the certificate in TLS_CERT_FILE).\n`,
    })
  })
})

describe('concordat serve without TLS', () => {
  test.each([
    [[], { APP_ENV: 'production' }, /^APP_ENV is production, and there is no TLS: /],
    [['--host', '0.0.0.0'], { ACCESS: 'open' }, /^ACCESS is open and HOST is "0\.0\.0\.0", /],
  ])('does not start with %j and %j', async (flags, env, sentence) => {
    await using folder = await disposableFolder()
    const ended = await concordat(['serve', '--port', '0', '--data', join(folder.path, 'data'), ...flags], { env })
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(sentence) })
  })

  test('warns where others reach it', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--json', '--host', '0.0.0.0', '--data', folder.path])
    const { stderr } = await running.stop('SIGTERM')
    expect(JSON.parse(stderr.split('\n')[0] ?? '')).toMatchObject({
      level: 40,
      msg: expect.stringMatching(/^The registry speaks without TLS on "0\.0\.0\.0"/),
    })
  })
})

function issue(commonName: string) {
  return authority.issue({ commonName, dns: ['localhost'], addresses: ['127.0.0.1'] })
}
