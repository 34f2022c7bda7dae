import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Api } from './api/client.ts'
import { DEFAULT_URL, parseUrl, readCliSettings } from './settings.ts'

/** What every command takes that talks to the registry. */
export type RegistryOptions = { readonly url?: string; readonly timeout: number; readonly json?: true }

const DEFAULT_SECONDS = 60

/** Adds the options of a command that talks to the registry, and an example of how it is called. */
export function addRegistryOptions(command: Command, example: string): Command {
  return command
    .option('--url <url>', `the registry (else CONCORDAT_URL, else ${DEFAULT_URL})`, readUrlOption)
    .option('--timeout <seconds>', 'how long one answer may take', readSeconds, DEFAULT_SECONDS)
    .option('--json', 'print one line of JSON')
    .addHelpText('after', exampleOf(example))
}

/** What stands below a command's options in its help. */
export function exampleOf(example: string): string {
  const lines = example.split('\n').map((line) => `  ${line}`)
  return `\nExample:\n${lines.join('\n')}`
}

/** The registry that the options and the environment name. */
export async function openApi({ url, timeout }: RegistryOptions): Promise<Api> {
  const settings = readCliSettings()
  const { createApi } = await import('./api/client.ts')
  return createApi({ url: url ?? settings.url, token: settings.token, timeoutMs: timeout * 1000, tell: tellWait })
}

function tellWait(sentence: string): void {
  console.error(sentence)
}

/** The option that says how a writer's schema is understood. */
export function policyOption(otherwise: string): Option {
  const words = 'strict: all that the schema allows; as-declared: only declared fields are sent'
  return new Option('--policy <policy>', `${words} (else ${otherwise})`).choices(['as-declared', 'strict'])
}

/** Reads a length of time such as `90m` as seconds. */
export function readDuration(value: string): number {
  const [, number = '', unit = ''] = /^([1-9]\d{0,5})(s|m|h|d)$/.exec(value) ?? []
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') return Number(number) * SECONDS[unit]
  throw new InvalidArgumentError('It must be a number and a unit, such as 30m, 12h or 7d.')
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

function readUrlOption(value: string): string {
  const parsed = parseUrl(value)
  if ('problem' in parsed) throw new InvalidArgumentError(`It ${parsed.problem}.`)
  return parsed.url
}

function readSeconds(value: string): number {
  if (/^\d{1,4}(\.\d{1,3})?$/.test(value) && Number(value) > 0) return Number(value)
  throw new InvalidArgumentError('It must be a number of seconds above 0, such as 60.')
}
