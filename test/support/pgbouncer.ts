import { globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { Client } from 'pg'
import { type Program, run, works } from './program.ts'
import { type CommandLine, type ServerPlan, type ServerProcess, startServer } from './server-process.ts'

export type PgBouncer = ServerProcess & {
  /** The same database, through PgBouncer. */
  urlOf(databaseUrl: string): string
  /** Closes its connections to a database, which could not be dropped else. */
  leave(databaseUrl: string): Promise<void>
}
export type FoundPgBouncer = { readonly program: Program } | { readonly missing: string }

const cache = join(import.meta.dirname, '../../.cache/pgbouncer', `${process.platform}-${process.arch}`)
const aptGet: Program = { command: 'apt-get', env: { LC_ALL: 'C' } }
const dpkg: Program = { command: 'dpkg', env: {} }

// PgBouncer refuses to run as root.
const nobody = { uid: 65_534, gid: 65_534 }
const isRoot = process.getuid?.() === 0

/** The PgBouncer on PATH, or the one in the repository's cache, which is fetched from Debian; or why there is none. */
export async function findPgBouncer(): Promise<FoundPgBouncer> {
  const installed = { command: 'pgbouncer', env: {} }
  if (await works(installed)) return { program: installed }
  if (await works(programIn(cache))) return { program: programIn(cache) }
  if (!(await works(aptGet))) return { missing: 'there is neither pgbouncer nor apt-get' }
  return fetchFromDebian()
}

/** PgBouncer in transaction mode before a PostgreSQL: each transaction may have another of its few connections. */
export async function startPgBouncer(program: Program, serverUrl: string): Promise<PgBouncer> {
  const server = await startServer(planOf(program, new URL(serverUrl)))
  const urlOf = (databaseUrl: string) => {
    const url = new URL(databaseUrl)
    url.port = String(server.port)
    return url.href
  }
  const leave = (databaseUrl: string) => {
    const console = new URL('/pgbouncer', urlOf(databaseUrl))
    return execute(console.href, `KILL ${new URL(databaseUrl).pathname.slice(1)}`)
  }
  return { ...server, urlOf, leave }
}

async function execute(url: string, command: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(command)
  } finally {
    await client.end()
  }
}

function planOf(program: Program, { hostname, port: serverPort }: URL): ServerPlan {
  const plan: ServerPlan = {
    name: 'pgbouncer',
    ready: /process up/,
    command: (port) => commandOf(program, settings({ port, hostname, serverPort })),
  }
  return isRoot ? asNobody(plan, program) : plan
}

function commandOf({ command, env }: Program, ini: string): CommandLine {
  const script = 'echo "\\"postgres\\" \\"\\"" > users.txt && printf %s "$1" > our.ini && exec "$PGBOUNCER" our.ini'
  return { command: 'sh', args: ['-c', script, 'sh', ini], env: { ...env, PGBOUNCER: command }, stopSignal: 'INT' }
}

function settings(of: { readonly port: number; readonly hostname: string; readonly serverPort: string }): string {
  return `[databases]
* = host=${of.hostname} port=${of.serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${of.port}
unix_socket_dir =
auth_type = trust
auth_file = users.txt
admin_users = postgres
pool_mode = transaction
default_pool_size = 4
server_round_robin = 1
max_client_conn = 200
server_login_retry = 1
`
}

/** From a copy, for a clone may lie where only root may go; and TMPDIR, too, may be root's alone. */
function asNobody(plan: ServerPlan, program: Program): ServerPlan {
  const script = `trap 'exit 1' TERM; if [ -d "$1" ]; then cp -R "$1" program; fi && chown -R ${nobody.uid}:${nobody.gid} .`
  return {
    ...plan,
    under: '/tmp',
    prepare: () => [{ command: 'sh', args: ['-c', script, 'sh', cache] }],
    command: (port, folder) => {
      const line = plan.command(port, folder)
      const copy = programIn(join(folder, 'program'))
      const isOurs = program.command === programIn(cache).command
      return { ...line, env: isOurs ? { ...copy.env, PGBOUNCER: copy.command } : (line.env ?? {}), user: nobody }
    },
  }
}

function programIn(folder: string): Program {
  const libraries = globSync(['usr/lib/*-linux-*', 'lib/*-linux-*'], { cwd: folder }).map((name) => join(folder, name))
  return { command: join(folder, 'usr/sbin/pgbouncer'), env: { LD_LIBRARY_PATH: libraries.join(delimiter) } }
}

/** Unpacked into the repository's cache: installing Debian's package would start a service. */
async function fetchFromDebian(): Promise<FoundPgBouncer> {
  await mkdir(dirname(cache), { recursive: true })
  const folder = await mkdtemp(`${cache}-`)
  try {
    await moveToCache(await unpack(folder))
  } catch (error) {
    return { missing: `apt-get cannot fetch it (${String(error)})` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return (await works(programIn(cache)))
    ? { program: programIn(cache) }
    : { missing: 'the one from Debian does not run' }
}

async function unpack(folder: string): Promise<string> {
  console.log("PgBouncer for the tests: fetching Debian's packages into .cache/pgbouncer (once) …")
  const plan = await run(aptGet, ['install', '-s', '--no-install-recommends', 'pgbouncer'])
  const packages = [...plan.matchAll(/^Inst (\S+) \(/gm)].flatMap(([, name]) => name ?? [])
  await run(aptGet, ['download', ...packages], folder)
  const unpacked = join(folder, 'unpacked')
  for (const file of await readdir(folder)) await run(dpkg, ['-x', file, unpacked], folder)
  return unpacked
}

/** Two runs may fetch at once: the first one's stays. */
async function moveToCache(unpacked: string): Promise<void> {
  try {
    await rename(unpacked, cache)
  } catch (error) {
    if (!(await works(programIn(cache)))) throw error
  }
}
