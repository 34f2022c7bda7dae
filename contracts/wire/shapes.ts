import { type Check, compileCheck } from '../check/check.ts'
import type { Finding } from '../finding.ts'
import type { Decode, Decoded } from './codec.ts'
import type { Shapes, Wire } from './layout.ts'

type Older = { readonly decode: Decode; readonly upcast: (message: unknown) => unknown; readonly place: number }

/** Decodes into the first shape that an entry keeps, and makes the current message of it. */
export function decodeShapes({ current, older }: Shapes, compile: (wire: Wire) => Decode): Decode {
  const decode = compile(current)
  const check = compileCheck(current.schema)
  const others = older.map(({ wire, upcast }, i): Older => ({ decode: compile(wire), upcast, place: i + 1 }))
  return (entry) => {
    const decoded = decode(entry)
    return decoded.findings ? decodeOlder(entry, others, check, decoded.findings) : decoded
  }
}

function decodeOlder(
  entry: readonly string[],
  others: readonly Older[],
  check: Check,
  refused: readonly Finding[],
): Decoded {
  for (const { decode, upcast, place } of others) {
    const { message, findings } = decode(entry)
    if (findings === undefined) return upcasted(message, upcast, check, place)
  }
  return { findings: [...refused, { code: 'upcast.no-shape', at: '', reader: shape(others.length) }] }
}

/** An upcaster is somebody's code: what it throws and what it makes are looked at like anything from outside. */
function upcasted(older: unknown, upcast: Older['upcast'], check: Check, place: number): Decoded {
  try {
    const message = upcast(older)
    if (check.accepts(message)) return { message }
    return { findings: [{ code: 'upcast.wrong-result', at: '', reader: shape(place) }, ...check.findings(message)] }
  } catch (error) {
    // only the error's name: its message may carry values of the message
    const name = error instanceof Error ? error.name : typeof error
    return { findings: [{ code: 'upcast.failed', at: '', writer: { pointer: '', value: name }, reader: shape(place) }] }
  }
}

function shape(number: number): NonNullable<Finding['reader']> {
  return { pointer: '', value: number }
}
