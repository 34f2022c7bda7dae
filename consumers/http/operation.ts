import { compileRequestEncode, type EncodeRequest, type EndpointContract } from '../../contracts/index.ts'
import { compileReading, type Reading } from './answer.ts'
import type { About } from './errors.ts'
import type { HttpSettings } from './options.ts'

/** A contract made ready to be called. */
export type Operation = Reading & { readonly about: About; readonly encode: EncodeRequest }

/** Makes each contract ready once. Throws what `compileRequestEncode` throws, and a TypeError for what no response can keep. */
export function createOperations(settings: HttpSettings): (contract: EndpointContract) => Operation {
  const known = new WeakMap<EndpointContract, Operation>()
  return (contract) => {
    const found = known.get(contract)
    if (found) return found
    const about = { contract, origin: settings.origin }
    const made = { about, encode: compileRequestEncode(contract), ...compileReading(about, settings) }
    known.set(contract, made)
    return made
  }
}
