import type { Static, TSchema } from '@sinclair/typebox'

/** The message type of a contract that carries its TypeBox schema, as `stream` makes it; unknown for any other. */
export type Message<C> = C extends { readonly type: infer S extends TSchema } ? Static<S> : unknown
