import { globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { type Program, run, works } from './program.ts'
import { waitFor } from './wait-for.ts'

export const howToGetRedis =
  'A real Redis is needed here: install redis-server or valkey-server, or let REDIS_SERVER name a binary of one.'

const cache = join(import.meta.dirname, '../../.cache/redis', `${process.platform}-${process.arch}`)

const brew: Program = { command: 'brew', env: { HOMEBREW_NO_ENV_HINTS: '1' } }
const aptGet: Program = { command: 'apt-get', env: { LC_ALL: 'C' } }
const sudo: Program = { command: 'sudo', env: { LC_ALL: 'C' } }
const dpkg: Program = { command: 'dpkg', env: {} }

/** The Redis that an earlier run fetched. */
export async function cachedRedis(): Promise<Program | undefined> {
  const program = redisIn(cache)
  return (await works(program)) ? program : undefined
}

function redisIn(folder: string): Program {
  const libraries = globSync(['usr/lib/*-linux-*', 'lib/*-linux-*'], { cwd: folder }).map((name) => join(folder, name))
  return { command: join(folder, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: libraries.join(delimiter) } }
}

/** Fetches Redis without starting a system service, and says so, for it takes a while. */
export async function installRedis(): Promise<Program> {
  const program = await fetchRedis()
  if (program && (await works(program))) return program
  throw new Error(howToGetRedis)
}

async function fetchRedis(): Promise<Program | undefined> {
  try {
    if (await works(brew)) return await fetchWithBrew()
    if (await works(aptGet)) return await fetchFromDebian()
    return undefined
  } catch (cause) {
    throw new Error(`Fetching Redis failed. ${howToGetRedis}`, { cause })
  }
}

async function fetchWithBrew(): Promise<Program> {
  say('there is none here; "brew install redis" (once) …')
  await run(brew, ['install', 'redis'])
  const prefix = await run(brew, ['--prefix'])
  return { command: join(prefix.trim(), 'bin/redis-server'), env: {} }
}

/** Unpacked into the repository's cache: installing Debian's package would start a service. */
async function fetchFromDebian(): Promise<Program> {
  say("there is none here; fetching Debian's packages into .cache/redis (once) …")
  await mkdir(dirname(cache), { recursive: true })
  const folder = await mkdtemp(`${cache}-`)
  try {
    await updatePackageLists()
    await moveToCache(await unpack(await missingPackages(), folder))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return redisIn(cache)
}

async function updatePackageLists(): Promise<void> {
  try {
    await waitFor("apt-get's lock", updated, 60_000)
  } catch (error) {
    say(`the package lists stay as they are, for they could not be updated: ${String(error)}`)
  }
}

async function updated(): Promise<boolean> {
  try {
    await (process.getuid?.() === 0 ? run(aptGet, ['update']) : run(sudo, ['-n', 'apt-get', 'update']))
    return true
  } catch (error) {
    if (String(error).includes('Could not get lock')) return false
    throw error
  }
}

/** `Inst name (…)` is missing; `Inst name [version] (…)` is there in a version that will do. */
async function missingPackages(): Promise<string[]> {
  const plan = await run(aptGet, ['install', '-s', '--no-install-recommends', 'redis-server'])
  return [...plan.matchAll(/^Inst (\S+) \(/gm)].flatMap(([, name]) => name ?? [])
}

async function unpack(packages: readonly string[], folder: string): Promise<string> {
  say(`unpacking ${packages.join(', ')} …`)
  await run(aptGet, ['download', ...packages], folder)
  const unpacked = join(folder, 'unpacked')
  for (const file of await readdir(folder)) await run(dpkg, ['-x', file, unpacked], folder)
  return unpacked
}

/** Two runs may fetch at once: the first one's stays, for its server may be running by now. */
async function moveToCache(unpacked: string): Promise<void> {
  try {
    await rename(unpacked, cache)
  } catch {
    if (await cachedRedis()) return
    await rm(cache, { recursive: true, force: true })
    await rename(unpacked, cache)
  }
}

function say(what: string): void {
  console.log(`Redis: ${what}`)
}
