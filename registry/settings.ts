import { registryError } from './errors.ts'

/** What the registry's environment may set. */
export type Settings = { readonly host: string; readonly port: number }

/** Reads the registry's settings from the environment; a wrong value stops the start. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  // The value is not told: it holds a password.
  if (env.DATABASE_URL) throw registryError('setting.unsupported', undefined)
  return { port: readPort(env.PORT || '8081'), host: readHost(env.HOST || '127.0.0.1') }
}

function readPort(value: string): number {
  const port = parsePort(value)
  if (port === undefined) throw registryError('setting.invalid', { name: 'PORT', value, wanted: WANTED_PORT })
  return port
}

function readHost(value: string): string {
  if (!/^[\w.:-]+$/.test(value))
    throw registryError('setting.invalid', { name: 'HOST', value, wanted: 'a host name or an IP address' })
  return value
}

export const WANTED_PORT = 'a whole number from 0 to 65535 (0 takes any free port)'

/** The port that a text names, or undefined where it names none. */
export function parsePort(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined
}
