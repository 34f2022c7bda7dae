/** What is counted together: a route belongs to one class at most. */
export type RateClass = 'token' | 'write' | 'anonymous-read'

/** How many requests may come within how long. */
export type Rate = { readonly most: number; readonly windowMs: number }

/** The rate of each class; one that has none is not limited. */
export type Rates = { readonly [name in RateClass]?: Rate | undefined }

export type RateRule = {
  /** The setting that changes the rate. */
  readonly setting: 'RATE_LIMIT_TOKENS' | 'RATE_LIMIT_WRITES' | 'RATE_LIMIT_ANONYMOUS_READS'
  /** What is counted, as a refusal says it. */
  readonly of: string
  /** Whether requests pass, judged by this process alone, while Redis cannot be asked. Else they are refused. */
  readonly isOpen: boolean
}

export const RATE_RULES: { readonly [name in RateClass]: RateRule } = {
  token: { setting: 'RATE_LIMIT_TOKENS', of: 'requests about tokens from one address', isOpen: false },
  write: { setting: 'RATE_LIMIT_WRITES', of: 'writes by one identity', isOpen: true },
  'anonymous-read': {
    setting: 'RATE_LIMIT_ANONYMOUS_READS',
    of: 'reads without a token from one address',
    isOpen: true,
  },
}

/** What holds where a rate is not set. */
export const DEFAULT_RATES = {
  RATE_LIMIT_TOKENS: '5/60',
  RATE_LIMIT_WRITES: '100/60',
  RATE_LIMIT_ANONYMOUS_READS: '1000/60',
} as const

/** A count and a number of seconds, neither of them 0, or `off`. */
export const RATE_PATTERN = /^(?:off|[1-9]\d{0,4}\/[1-9]\d{0,3})$/
export const WANTED_RATE = 'a count up to 99999, a slash and a number of seconds up to 9999, such as 100/60, or off'

/** The rate that a text of this pattern names, or undefined for `off`. */
export function parseRate(text: string): Rate | undefined {
  if (text === 'off') return undefined
  const [most, seconds] = text.split('/').map(Number)
  if (!RATE_PATTERN.test(text) || most === undefined || seconds === undefined)
    throw new TypeError(`"${text}" is no rate: it must be ${WANTED_RATE}.`)
  return { most, windowMs: seconds * 1000 }
}
