import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { Agent, request } from 'undici'
import { expect, inject, onTestFinished, test } from 'vitest'
import { serve } from '../cli/concordat-process.ts'
import { concordat } from '../cli/in-process.ts'
import { createAuthority } from '../support/certificates.ts'
import { createDatabase } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { mountSecrets } from './tls/connections.ts'

/** What nobody may find anywhere, by what it is. */
const SECRETS = {
  databasePassword: canary(),
  redisPassword: canary(),
  adminToken: canary(),
  passphrase: canary(),
  bearerToken: canary(),
  basicPassword: canary(),
  cookie: canary(),
  idempotencyKey: canary(),
  tokenInQuery: canary(),
}

test('no secret is found in logs, answers, metrics, exports or titles', { timeout: 60_000 }, async () => {
  await using folder = await disposableFolder()
  await using database = await createDatabase(inject('postgresUrl'))
  await using redis = await startRedis({ args: ['--requirepass', SECRETS.redisPassword] })
  const authority = createAuthority()
  const mounted = await mountSecrets(
    folder.path,
    authority.issue({ dns: ['localhost'], addresses: ['127.0.0.1'], passphrase: SECRETS.passphrase }),
  )
  const databaseUrl = Object.assign(new URL(database.url), { password: SECRETS.databasePassword }).href
  const env = {
    DATABASE_URL_FILE: await fileWith(folder.path, databaseUrl),
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(redis.port),
    REDIS_PASSWORD: SECRETS.redisPassword,
    ADMIN_TOKEN_FILE: await fileWith(folder.path, SECRETS.adminToken),
    ACCESS: 'tokens',
    TLS_CERT_FILE: mounted.certFile,
    TLS_KEY_FILE: mounted.keyFile,
    TLS_KEY_PASSPHRASE: SECRETS.passphrase,
    LOG_LEVEL: 'trace',
  }
  await using running = await serve(['--json'], { env })
  const { listening, pid } = JSON.parse(running.greeting)
  const title = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])
  const agent = new Agent({ connect: { ca: authority.cert } })
  onTestFinished(() => agent.destroy())
  const answers = await askAll(String(listening), agent)
  // It is let in no more, and says so to the log.
  await lockOut(redis.url)
  await waitFor('Redis to be missed', async () => (await say(`${listening}/ready`, agent)).startsWith('503'))
  const { stdout, stderr } = await running.stop('SIGTERM')
  const exported = await concordat(['export'], { env: { DATABASE_URL: databaseUrl } })
  const wrong = await concordat(['serve'], { env: { ...env, ADMIN_TOKEN: SECRETS.adminToken, APP_ENV: 'x' } })

  // All of these have something to tell.
  expect(answers.filter((text) => text.startsWith('200'))).not.toEqual([])
  expect(answers.filter((text) => text.startsWith('401'))).not.toEqual([])
  expect(stderr).toContain('Redis does not answer')
  expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('votes') })
  expect(wrong.stderr).toContain('ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set')
  expect(title.stdout).toContain('serve')
  const found = {
    answers: answers.join('\n'),
    stdout,
    stderr,
    title: title.stdout,
    ...prefixed(exported),
    ...told(wrong),
  }
  expect(findSecrets(found)).toEqual([])
})

/** What a client is told again is what it has sent itself. */
const THEIR_OWN: readonly string[] = ['idempotencyKey in answers', 'tokenInQuery in answers']

/** Which secret stands where, as it is or as its way in a header or a URL would write it. */
function findSecrets(places: Readonly<Record<string, string>>): string[] {
  return Object.entries(SECRETS)
    .flatMap(([name, secret]) => {
      const forms = [secret, btoa(secret), btoa(`user:${secret}`), Buffer.from(secret).toString('hex')]
      return Object.entries(places).flatMap(([place, text]) =>
        forms.some((form) => text.includes(form)) ? [`${name} in ${place}`] : [],
      )
    })
    .filter((where) => !THEIR_OWN.includes(where))
}

test.each([[SECRETS.cookie], [btoa(`user:${SECRETS.basicPassword}`)], [btoa(SECRETS.adminToken)]])(
  'a secret that stands somewhere is found (%#)',
  (planted) => {
    expect(findSecrets({ stderr: `{"msg":"x ${planted}"}`, stdout: '' })).toHaveLength(1)
  },
)

type Headers = Readonly<Record<string, string>>

/** Requests of every kind that is refused, and a few that are not, with every secret that a client can send. */
async function askAll(url: string, agent: Agent): Promise<string[]> {
  const reads = PATHS.flatMap((path) => CREDENTIALS.map((headers) => ({ path, headers })))
  const writes = BODIES.flatMap((body) =>
    KEYS.flatMap((key) => CREDENTIALS.map((headers) => ({ body, headers: { ...headers, ...JSON_TYPE, ...key } }))),
  )
  const answers = await Promise.all([
    ...reads.map(({ path, headers }) => say(`${url}${path}?token=${SECRETS.tokenInQuery}`, agent, { headers })),
    ...writes.map((write) => say(`${url}/subjects/votes/versions`, agent, { method: 'POST', ...write })),
  ])
  return [...answers, await say(`${url}/metrics`, agent, { headers: ADMIN })]
}

const ADMIN = { authorization: `Bearer ${SECRETS.adminToken}` }
const CREDENTIALS: readonly Headers[] = [
  {},
  ADMIN,
  { authorization: `Bearer ${SECRETS.bearerToken}` },
  { authorization: `Basic ${btoa(`user:${SECRETS.basicPassword}`)}` },
  { authorization: SECRETS.bearerToken },
]
const PATHS = [
  '/subjects',
  '/subjects/none/versions',
  '/nowhere',
  '/api/nowhere',
  '/metrics',
  '/subjects/%zz',
  '/api/audit',
]
const KEYS = [SECRETS.idempotencyKey, `${SECRETS.idempotencyKey}\u00e9`].map((key) => ({ 'idempotency-key': key }))
const JSON_TYPE = { 'content-type': 'application/json' }
const BODIES = [JSON.stringify({ schemaType: 'JSON', schema: '{"type":"object"}' }), '{', '{"schema":"{"}']

type Request = { readonly method?: 'POST'; readonly headers?: Headers; readonly body?: string }

async function say(url: string, dispatcher: Agent, asked: Request = {}): Promise<string> {
  const { method = 'GET', body = null } = asked
  const headers = { cookie: `session=${SECRETS.cookie}`, ...asked.headers }
  const answer = await request(url, { dispatcher, method, headers, body })
  return `${answer.statusCode} ${JSON.stringify(answer.headers)} ${await answer.body.text()}`
}

/** Redis asks for another password from now on, and ends all connections. */
async function lockOut(url: string): Promise<void> {
  const client = new Redis(url, { password: SECRETS.redisPassword })
  await client.config('SET', 'requirepass', 'another one')
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  client.disconnect()
}

let files = 0

async function fileWith(folder: string, text: string): Promise<string> {
  const file = join(folder, `secret-${files++}`)
  await writeFile(file, `${text}\n`)
  return file
}

function canary(): string {
  return `canary-${randomBytes(24).toString('hex')}`
}

type Ended = { readonly stdout: string; readonly stderr: string }

function prefixed({ stdout, stderr }: Ended) {
  return { export: stdout, 'stderr of the export': stderr }
}

function told({ stdout, stderr }: Ended) {
  return { refusal: stdout + stderr }
}
