import { join } from 'node:path'
import { StartFailed } from '../start-failed.ts'

type Env = NodeJS.ProcessEnv

/** Where the parts of the demo are. */
type Places = { readonly redisUrl: string; readonly folder: string }

/** The Redis that REDIS_URL names; without it the demo starts one of its own. The value is not told: it may hold a password. */
export function readRedisUrl({ REDIS_URL: value }: Env = process.env): string | undefined {
  if (!value) return undefined
  if (/^rediss?:$/.test(URL.parse(value)?.protocol ?? '')) return value
  throw new StartFailed('REDIS_URL is no address of a Redis: write redis://host:port.')
}

/** The environment of the services: any free ports unless ours names some, and a database that is gone with the demo. */
export function serviceEnvironment({ redisUrl, folder }: Places, env: Env = process.env): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    VOTES_DATA: folder,
    VOTES_DATABASE_URL: '',
    TALLY_NAME: 'tally-1',
    VOTES_RATE_LIMIT: 'off',
    VOTES_PORT: env.VOTES_PORT || '0',
    WEB_PORT: env.WEB_PORT || '0',
    TALLY_PORT: env.TALLY_PORT && env.TALLY_PORT !== 'off' ? env.TALLY_PORT : '0',
    NODE_COMPILE_CACHE,
  }
}

/** The environment of what a person would type: ours, where the registry and Redis are, and nothing that somebody is told. */
export function commandEnvironment(
  places: { readonly registryUrl: string; readonly redisUrl: string },
  env: Env = process.env,
): Env {
  return {
    ...env,
    CONCORDAT_URL: places.registryUrl,
    CONCORDAT_TOKEN: undefined,
    CONCORDAT_TOKEN_FILE: undefined,
    REDIS_URL: places.redisUrl,
    PACT_DO_NOT_TRACK: 'true',
    SCARF_ANALYTICS: 'false',
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    NODE_COMPILE_CACHE,
  }
}

/** The Redis of the tally's Pact test. */
export function readPactRedisUrl({ REDIS_URL: value = '' }: Env = process.env): string {
  return value
}

const NODE_COMPILE_CACHE = join(import.meta.dirname, '../../../.cache/compiled')
