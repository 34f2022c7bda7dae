import { StartFailed } from './start-failed.ts'

/** What the environment may set. */
export type Settings = { readonly redisUrl: string; readonly port: number }

/** Reads the settings; a wrong value stops the start. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  return { redisUrl: readRedisUrl(env.REDIS_URL || 'redis://127.0.0.1:6379'), port: readPort(env.VOTES_PORT || '3000') }
}

/** The value is not told: it may hold a password. */
function readRedisUrl(value: string): string {
  if (/^rediss?:$/.test(URL.parse(value)?.protocol ?? '')) return value
  throw new StartFailed('REDIS_URL is no address of a Redis: write redis://host:port.')
}

function readPort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new StartFailed(`VOTES_PORT is "${value}"; it must be a whole number from 0 to 65535 (0 takes any free port).`)
}
