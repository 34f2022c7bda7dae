import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../registry/store/sqlite/open.ts'
import { ADMIN_TOKEN, guarded, listening } from '../registry/access/guarded.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { serve } from './concordat-process.ts'
import { concordat } from './in-process.ts'

const TOKEN = /^concordat_([a-z2-7]{12})_[\w-]{43}\n$/

test('the first token is made in the folder of the data, and makes the others over the API', async () => {
  await using folder = await disposableFolder()
  const first = await concordat(['tokens', 'create', 'root', '--scope', 'admin', '--data', folder.path])
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(TOKEN) })
  expect(first.stderr).toMatch(
    /^This is the token of root \(id \w+\), for admin, good until it is revoked\. It is shown this once\.\n$/,
  )
  await using store = await openSqliteStore(folder.path)
  expect(await store.audit.list({ limit: 9 })).toMatchObject([
    {
      who: 'command',
      credential: 'command',
      action: 'concordat tokens create',
      outcome: 'done',
      details: { name: 'root' },
    },
  ])

  await using registry = await guarded(
    { adminToken: undefined },
    { ...folder, open: () => openSqliteStore(folder.path) },
  )
  const env = { CONCORDAT_URL: await listening(registry), CONCORDAT_TOKEN: first.stdout.trim() }
  const scopes = ['--scope', 'publish:tally', '--scope', 'deploy:staging']
  const made = await concordat(['tokens', 'create', 'tally-ci', ...scopes, '--expires', '90d', '--json'], { env })
  const { id, token, expiresAt, ...told } = JSON.parse(made.stdout) as Record<string, string>
  expect(told).toMatchObject({
    name: 'tally-ci',
    scopes: ['publish:tally', 'deploy:staging'],
    by: 'root',
    state: 'good',
  })
  expect(Date.parse(expiresAt ?? '') - Date.now()).toBeGreaterThan(89 * 24 * 3600 * 1000)

  const listed = await concordat(['tokens', 'list'], { env })
  expect(listed.stdout).toMatch(/^ID +NAME +STATE .*\n/)
  expect(listed.stdout).toMatch(new RegExp(`\\n${id} +tally-ci +good .* publish:tally deploy:staging\\n`))
  expect(listed.stdout).not.toContain(token)
  expect(await concordat(['tokens', 'revoke', id ?? ''], { env })).toMatchObject({
    code: 0,
    stdout: `Revoked tally-ci (id ${id}).\n`,
  })
  expect((await concordat(['tokens', 'list'], { env: { ...env, CONCORDAT_TOKEN: token ?? '' } })).code).toBe(2)
})

test('a name in client certificates may stand for a token', async () => {
  await using folder = await disposableFolder()
  const place = ['--data', folder.path]
  const made = await concordat(['tokens', 'create', 'mesh', '--scope', 'read', '--certificate', 'cn:tally', ...place])
  expect(made.stdout).toMatch(
    /^Certificates with cn:tally are mesh \(id \w+\), for read, good until it is revoked\.\n$/,
  )
  const listed = await concordat(['tokens', 'list', '--json', ...place])
  const { tokens } = JSON.parse(listed.stdout) as { readonly tokens: readonly { readonly id: string }[] }
  expect(tokens).toEqual([expect.objectContaining({ name: 'mesh', certificate: 'cn:tally', state: 'good' })])
  const revoked = await concordat(['tokens', 'revoke', tokens[0]?.id ?? '', ...place])
  expect(revoked.stdout).toMatch(/^Revoked mesh/)
})

test.each([
  [['create', 'a', '--scope', 'write'], /"write" is no scope: there are read, register:<subject>/],
  [['create', 'a b', '--scope', 'read'], /"a b" cannot name it/],
  [['create', 'a'], /required option '--scope <scope>' not specified/],
  [['revoke', 'aaaaaaaaaaaa'], /There is no token with the id "aaaaaaaaaaaa"/],
  [['revoke', '../services/votes'], /It must be the id of a token/],
  [['list', '--database'], /--data and --database name different places/],
])('tokens %j is wrong usage', async (args, words) => {
  await using folder = await disposableFolder()
  const ended = await concordat(['tokens', ...args, '--data', folder.path])
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) })
})

test('whoever may not is told so, and what they would need', async () => {
  await using registry = await guarded()
  const env = { CONCORDAT_URL: await listening(registry) }
  const nobody = await concordat(['tokens', 'list'], { env })
  expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('This needs a token with the scope admin') })
  const settings = await concordat(['tokens', 'list'], {
    env: { ...env, CONCORDAT_TOKEN: ADMIN_TOKEN.replaceAll(' ', '-') },
  })
  expect(settings).toMatchObject({ code: 2, stderr: expect.stringContaining('The token that was sent is not good') })
})

test('a registry that wants tokens and has none says how the first is made', async () => {
  await using folder = await disposableFolder()
  const data = join(folder.path, 'data')
  const start = async () => {
    await using running = await serve(['--data', data], { env: { ACCESS: 'tokens' } })
    return (await running.stop('SIGTERM')).stderr
  }
  expect(await start()).toContain('make the first with \\"concordat tokens create <name> --scope admin\\"')
  await concordat(['tokens', 'create', 'root', '--scope', 'admin', '--data', data])
  expect(await start()).toBe('')
})
