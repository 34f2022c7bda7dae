import { registryError } from '../errors.ts'
import type { Which } from '../store/store.ts'
import type { Slice } from '../subjects/list.ts'

/** Query parameters come as text, and as lists where one stands several times. */
export type Query = { readonly [name: string]: string | string[] | undefined }

export function isTrue(value: Query[string]): boolean {
  return typeof value === 'string' && value.toLowerCase() === 'true'
}

/** Which versions a request is about: `deletedOnly` wins over `deleted`. */
export function whichOf({ deleted, deletedOnly }: Query): Which {
  return isTrue(deletedOnly) ? 'deleted' : isTrue(deleted) ? 'any' : 'live'
}

/** `limit` below 1 means no limit, as that API has it; no answer is longer than `most`. */
export function sliceOf({ offset, limit }: Query, most = Number.POSITIVE_INFINITY): Slice {
  const wanted = integerOf('limit', limit) ?? -1
  return {
    offset: Math.max(0, integerOf('offset', offset) ?? 0),
    limit: wanted > 0 ? Math.min(wanted, most) : most,
  }
}

export function sliced<Item>(items: readonly Item[], { offset, limit }: Slice): Item[] {
  return items.slice(offset, offset + limit)
}

export function textOf(value: Query[string]): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

export function listOf(value: Query[string]): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

function integerOf(name: string, value: Query[string]): number | undefined {
  const text = textOf(value)
  if (text === undefined || text === '') return undefined
  if (!/^-?\d{1,10}$/.test(text))
    throw registryError('request.malformed', { reason: `${name} is "${text}", which is no whole number` })
  return Number(text)
}
