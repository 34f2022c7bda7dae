import { type TSchema, Type } from '@sinclair/typebox'
import type { Parameter } from './operation.ts'
import { oneOf } from './schemas.ts'

export function flag(name: string, description: string): Parameter {
  return { name, description, schema: Type.Boolean() }
}

export function text(name: string, description: string, example?: string): Parameter {
  return { name, description, schema: Type.String(), ...(example !== undefined && { example }) }
}

/** A parameter that may stand several times. */
export function texts(name: string, description: string): Parameter {
  return { name, description, schema: Type.Array(Type.String()) }
}

export function word(name: string, description: string, words: readonly string[]): Parameter {
  return { name, description, schema: oneOf(words) }
}

export function number(name: string, description: string, schema: TSchema): Parameter {
  return { name, description, schema }
}

export function needed(parameter: Parameter): Parameter {
  return { ...parameter, required: true }
}
