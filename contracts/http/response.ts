import type { Static, TSchema } from '@sinclair/typebox'
import { type Check, compileCheck } from '../check/check.ts'
import type { Direction } from '../contract.ts'
import type { EndpointContract, ResponseTypes } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import { isObject } from '../json.ts'
import { asDeclared } from '../schema/as-declared.ts'
import { isSchemaShaped } from '../schema/keywords.ts'
import { compileWrite, type Write } from './write.ts'

/** What may be answered: for each status of the contract, the body that it comes with. */
export type ResponseOf<C> = C extends { readonly responseTypes: infer R extends ResponseTypes }
  ? { readonly [S in keyof R & number]: { readonly status: S } & BodyOf<R[S]> }[keyof R & number]
  : { readonly status: number; readonly body?: unknown }

type BodyOf<T> = T extends TSchema ? { readonly body: Static<T> } : { readonly body?: undefined }

/** Judges responses; checking never changes them. */
export type ResponseCheck = {
  /** Whether a status is declared, and with JSON or without. */
  readonly expects: (status: number) => 'json' | 'no-json' | 'undeclared'
  /** Whether a body is what its status comes with; undefined stands for none. */
  readonly accepts: (status: number, body: unknown) => boolean
  /** The JSON of a body that is plain data and that `accepts` accepts; undefined for any other, which must be judged by its text. */
  readonly write: (status: number, body: unknown) => string | undefined
  /** Everything that is wrong; empty for what `accepts` accepts. */
  readonly findings: (status: number, body: unknown) => readonly Finding[]
}

/** Compiles the judge of an operation's responses: as its server writes them, with nothing undeclared, or as its client reads them. */
export function compileResponseCheck({ responses }: EndpointContract, direction: Direction): ResponseCheck {
  const statuses = new Map(
    Object.entries(responses).map(([status, schema]): [number, Declared] => {
      const judged = direction === 'writes' ? asDeclared(schema) : schema
      const { body } = isObject(judged.root) && isObject(judged.root.properties) ? judged.root.properties : {}
      const write = isSchemaShaped(body) ? lazily(() => compileWrite(judged, '/properties/body', body)) : undefined
      return [Number(status), { hasJson: body !== undefined, check: compileCheck(judged), write }]
    }),
  )
  const undeclared = (status: number): Finding => ({
    code: 'status.undeclared',
    at: '/status',
    writer: { pointer: '/status', value: status },
    reader: { pointer: '', value: [...statuses.keys()] },
  })
  return {
    expects: (status) => {
      const declared = statuses.get(status)
      return declared === undefined ? 'undeclared' : declared.hasJson ? 'json' : 'no-json'
    },
    accepts: (status, body) => {
      const declared = statuses.get(status)
      if (declared === undefined) return false
      return declared.hasJson ? declared.check.accepts(partsOf(body)) : body === undefined
    },
    write: (status, body) => statuses.get(status)?.write?.(body),
    findings: (status, body) => {
      const declared = statuses.get(status)
      if (declared === undefined) return [undeclared(status)]
      if (declared.hasJson) return declared.check.findings(partsOf(body))
      return body === undefined ? [] : [{ code: 'field.undeclared', at: '/body' }]
    },
  }
}

type Declared = { readonly hasJson: boolean; readonly check: Check; readonly write: Write | undefined }

function lazily(compile: () => Write): Write {
  let write: Write | undefined
  return (value) => (write ??= compile())(value)
}

function partsOf(body: unknown): { readonly body?: unknown } {
  return body === undefined ? {} : { body }
}

/** Whether a content type says JSON: `application/json` or one that ends in `+json`, whatever its parameters. */
export function isJsonType(contentType: string): boolean {
  if (contentType === 'application/json' || contentType === 'application/json; charset=utf-8') return true
  const [type = ''] = contentType.split(';', 1)
  return /^\s*(?:application\/json|[\w!#$&^.+-]+\/[\w!#$&^.+-]*\+json)\s*$/i.test(type)
}
