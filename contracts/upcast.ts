import type { TSchema } from '@sinclair/typebox'
import { schemaOf } from './contract.ts'
import type { Message } from './message.ts'
import { unionOf } from './schema/union.ts'
import type { StreamContract } from './stream.ts'
import { layoutOf } from './wire/layout.ts'

/** Makes the current message of an older one. It must be pure: one message in, one message out, and nothing changed. */
export type Upcaster<Older extends StreamContract, Current extends StreamContract> = (
  older: Message<Older>,
) => Message<Current>

/** Older shapes in the order in which they are tried, each with its upcaster. */
export type OlderShapes<Current extends StreamContract, Older extends readonly StreamContract[]> = {
  readonly [I in keyof Older]: readonly [older: Older[I], upcast: Upcaster<Older[I], Current>]
}

/**
 * Declares a reader that accepts several shapes: the current one, then the older ones in their order. The first that an
 * entry keeps is upcast into the current message, so that the handler knows one shape only. What it reads is their union.
 * Throws `ContractRefused` for shapes that one encoding cannot carry together.
 */
export function accepts<S extends TSchema, const Older extends readonly StreamContract[]>(
  current: StreamContract<S>,
  older: OlderShapes<StreamContract<S>, Older>,
): StreamContract<S> {
  const shapes = (older as OlderShapes<StreamContract, readonly StreamContract[]>).map(([wire, upcast]) => {
    checkMeets(current, wire)
    return { wire, upcast }
  })
  const root = unionOf([current, ...shapes.map(({ wire }) => wire)].map(({ schema }) => schema.root))
  const schema = schemaOf(`The contract of ${current.channel} (${shapes.length + 1} shapes)`, root)
  const contract = { ...current, schema, shapes: { current, older: shapes } }
  layoutOf(contract, 'reads')
  return contract
}

/** One entry is read in all shapes, so they must look at it alike. */
function checkMeets(current: StreamContract, older: StreamContract): void {
  for (const part of ['channel', 'encoding', 'field', 'headers'] as const)
    if (older[part] !== current[part])
      throw new TypeError(
        `An older shape of ${current.channel} has the ${part} "${older[part]}", and the current one "${current[part]}": make them the same.`,
      )
  if (older.schema.dialect !== current.schema.dialect)
    throw new TypeError(
      `An older shape of ${current.channel} is written in ${older.schema.dialect}, and the current one in ${current.schema.dialect}: give both the same $schema.`,
    )
  if (older.shapes !== undefined || current.shapes !== undefined)
    throw new TypeError(`A shape of ${current.channel} has older shapes itself: list them all in one place.`)
}
