import { compileEncode, type Encode, type Message, type StreamContract } from '../contracts/index.ts'

/** Lua hands a command some 8,000 arguments at most, and a field is two of them; a few are left for the headers. */
const MAX_FIELDS = 3_900

/** Checks and encodes a message, and refuses one of more fields than a script can write. */
export function compileEntry<C extends StreamContract>(contract: C): Encode<Message<C>> {
  const encode = compileEncode(contract)
  return (message) => {
    const encoded = encode(message)
    if (encoded.entry === undefined || encoded.entry.length <= 2 * MAX_FIELDS) return encoded
    return { findings: [{ code: 'value.refused', at: '', reader: { pointer: '/maxProperties', value: MAX_FIELDS } }] }
  }
}
