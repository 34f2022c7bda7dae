import type { Finding } from '../finding.ts'
import { type Json, pointerTo } from '../json.ts'

/** `inexact` are the integers that floating point cannot tell from their neighbours, as they were written. */
type Parsed =
  | { value: Json; inexact: readonly string[]; findings?: undefined }
  | { value?: undefined; findings: Finding[] }

/**
 * Parses JSON that a stranger wrote: refuses what `JSON.parse` would quietly change (keys that stand twice, 1e400) and, of
 * what is to be kept, U+0000, which databases cannot.
 */
export function parseJson(text: string, depthLimit: number, isKept = true): Parsed {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    return { findings: [{ code: 'json.malformed', at: '', reader: { pointer: '', value: (error as Error).message } }] }
  }
  const findings = inspect(text, depthLimit).filter(({ code }) => isKept || code !== 'json.nul-character')
  return findings.length > 0 ? { findings } : { value, inexact: inexactIntegers(text) }
}

type Level = { readonly keys: Set<string> | undefined; readonly pointer: string; step: string | number }

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[[\]{},]/g

/** Walks text that is known to be well-formed JSON, token by token, without recursion. */
function inspect(text: string, depthLimit: number): Finding[] {
  const findings: Finding[] = []
  const levels: Level[] = []
  let awaitsKey = false
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    const here = () => (level === undefined ? '' : pointerTo(level.pointer, level.step))
    if (token === '{' || token === '[') {
      if (levels.length >= depthLimit)
        return [{ code: 'schema.too-deep', at: here(), reader: { pointer: 'depth', value: depthLimit } }]
      levels.push({ keys: token === '{' ? new Set() : undefined, pointer: here(), step: 0 })
      awaitsKey = token === '{'
    } else if (token === '}' || token === ']') {
      levels.pop()
      awaitsKey = false
    } else if (token === ',') {
      awaitsKey = level?.keys !== undefined
      if (typeof level?.step === 'number') level.step += 1
    } else if (token.startsWith('"')) {
      if (awaitsKey && level) findings.push(...readKey(level, JSON.parse(token) as string))
      if (token.includes('\\u0000') && (JSON.parse(token) as string).includes('\0'))
        findings.push({ code: 'json.nul-character', at: here() })
      awaitsKey = false
    } else if (!Number.isFinite(Number(token))) {
      findings.push({ code: 'json.number-too-large', at: here(), reader: { pointer: '', value: token } })
    }
  }
  return findings
}

const LONG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d{16,}(?![\d.eE])/g

function inexactIntegers(text: string): string[] {
  const written = [...text.matchAll(LONG_INTEGER)].map(([token]) => token).filter((token) => !token.startsWith('"'))
  return [...new Set(written.filter((token) => BigInt(token) !== BigInt(Number(token))))].sort()
}

function readKey(level: Level, key: string): Finding[] {
  const at = pointerTo(level.pointer, key)
  level.step = key
  if (key === '__proto__') return [{ code: 'json.forbidden-name', at }]
  if (level.keys?.has(key)) return [{ code: 'json.duplicate-key', at }]
  level.keys?.add(key)
  return []
}
