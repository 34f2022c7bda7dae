import { Refused } from '../refused.ts'
import type { Declared } from './declared.ts'

/** The registry's refusal of a declaration, with the file of ours that it is about, where it says which. */
export function refusedAt({ contracts }: Declared, error: unknown): unknown {
  if (!(error instanceof Refused)) return error
  const { at } = error.details as { readonly at?: unknown }
  const [, index] = /^\/contracts\/(\d+)/.exec(typeof at === 'string' ? at : '') ?? []
  const origin = index === undefined ? undefined : contracts[Number(index)]?.origin
  if (origin === undefined) return error
  const { exit, code, details } = error
  return new Refused(exit, code, `${origin}: ${error.message}`, { details: { ...details, origin }, cause: error })
}
