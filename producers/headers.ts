import type { StreamContract } from '../contracts/index.ts'

/** What may be said of a message beside its fields. */
export type About = {
  readonly key?: string | undefined
  readonly traceparent?: string | undefined
}

/** Gives an entry its reserved fields; `id` is the message's token, which is the same when it is sent again. */
export type AddHeaders = (entry: readonly string[], id: string, about: About) => readonly string[]

/**
 * The reserved fields stand last and in one order, so that Redis keeps the names once for entries that have the same.
 * Without headers an entry stays as it is.
 */
export function compileHeaders({ headers }: StreamContract, schemaId: string | undefined): AddHeaders {
  if (headers === 'off') return (entry) => entry
  return (entry, id, { key, traceparent }) => {
    const whole = [...entry]
    if (schemaId !== undefined) whole.push('_sid', schemaId)
    whole.push('_id', id)
    if (key !== undefined) whole.push('_k', key)
    if (headers === 'full' && traceparent !== undefined) whole.push('_tp', traceparent)
    return whole
  }
}

/** Throws for what cannot stand in an entry, and for a key that nobody would see. */
export function checkHeaders(
  { channel, headers }: StreamContract,
  about: About & { readonly token?: string | undefined },
): void {
  const { key, token, traceparent } = about
  if (headers === 'off' && key !== undefined)
    throw new TypeError(`${channel} carries no headers, and so no key; define it with headers: 'id' or 'full'.`)
  for (const [name, text] of Object.entries({ key, token, traceparent }))
    if (text !== undefined && (text === '' || !text.isWellFormed()))
      throw new TypeError(`The ${name} of a message for ${channel} is empty or ill-formed Unicode; give it another.`)
}
