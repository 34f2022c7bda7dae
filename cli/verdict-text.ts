import type { UnknownReason, Verdict } from '../contracts/decide/verdict.ts'
import type { Finding, Place } from '../contracts/finding.ts'
import { FINDING_CODES, type FindingCode } from '../contracts/finding-codes.ts'
import { isObject, type Json } from '../contracts/json.ts'
import { parseJson } from '../contracts/schema/json-text.ts'
import { SCHEMA_LIMITS } from '../contracts/schema/limits.ts'
import { placeIn } from './places.ts'
import { type Refused, wrongUsage } from './refused.ts'

const ANSWERS = ['compatible', 'incompatible', 'unknown'] as const
const POLICIES = ['strict', 'as-declared'] as const
const REASONS: { readonly [reason in UnknownReason]: true } = {
  'writer-unreadable': true,
  'reader-unreadable': true,
  'writer-empty': true,
  'beyond-engine': true,
  'too-intricate': true,
  pattern: true,
  format: true,
  'number-precision': true,
  budget: true,
  clock: true,
  'witness-unconfirmed': true,
}

/** Reads a verdict as JSON, as it is printed by `--json`; what is no verdict is refused with what is missing. */
export function parseVerdict(text: string): Verdict {
  const { value, findings } = parseJson(text.replace(/^\uFEFF/, ''), SCHEMA_LIMITS.depth, false)
  const [broken] = findings ?? []
  if (value === undefined) throw refuse(`is no JSON (line and column ${broken ? placeIn(text, broken) : '1:1'})`)
  const { answer, policy, engine = '', onlyAsDeclared, witness, wire, reason, findings: told } = membersOf(value)
  if (!isOneOf(ANSWERS, answer)) throw refuse('has no "answer" of compatible, incompatible or unknown')
  if (answer === 'incompatible' && witness === undefined) throw refuse('has no "witness", which every "no" carries')
  if (!isOneOf(POLICIES, policy)) throw refuse('has no "policy" of strict or as-declared')
  if (!Array.isArray(told) || !told.every(isFinding))
    throw refuse('has no "findings", a list of findings with a code that is known')
  if (reason !== undefined && !isReason(reason))
    throw refuse(`has the "reason" ${JSON.stringify(reason)}, which is none`)
  return {
    answer,
    policy,
    engine: typeof engine === 'string' ? engine : '',
    findings: told,
    ...(onlyAsDeclared === true && { onlyAsDeclared }),
    ...(witness !== undefined && { witness }),
    ...(isWire(wire) && { wire }),
    ...(reason !== undefined && { reason }),
  }
}

function membersOf(value: Json): { readonly [name: string]: Json | undefined } {
  if (!isObject(value)) throw refuse('is no object')
  const { verdict } = value
  return verdict !== undefined && isObject(verdict) ? verdict : value
}

function refuse(what: string): Refused {
  return wrongUsage(
    'verdict.unreadable',
    `What stdin gives ${what}: give it the JSON of a verdict, as \`concordat check --json\` prints it.`,
  )
}

function isOneOf<T extends string>(words: readonly T[], value: Json | undefined): value is T {
  return words.some((word) => word === value)
}

function isReason(value: Json): value is UnknownReason {
  return typeof value === 'string' && Object.hasOwn(REASONS, value)
}

function isWire(value: Json | undefined): value is readonly (readonly [string, string])[] {
  return (
    Array.isArray(value) &&
    value.every(
      (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'),
    )
  )
}

function isFinding(value: unknown): value is Finding {
  if (!isRecord(value)) return false
  const { code, at, writer, reader, suggestion } = value
  return isCode(code) && typeof at === 'string' && [writer, reader].every(isPlace) && isSuggestion(suggestion)
}

function isCode(value: unknown): value is FindingCode {
  return typeof value === 'string' && Object.hasOwn(FINDING_CODES, value)
}

function isPlace(value: unknown): value is Place | undefined {
  return value === undefined || (isRecord(value) && typeof value.pointer === 'string' && 'value' in value)
}

function isSuggestion(value: unknown): boolean {
  if (value === undefined) return true
  if (!isRecord(value)) return false
  const { rename, candidates } = value
  if (isRecord(rename)) return typeof rename.from === 'string' && typeof rename.to === 'string'
  return Array.isArray(candidates) && candidates.every((name) => typeof name === 'string')
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
