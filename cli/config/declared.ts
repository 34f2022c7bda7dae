import type { JsonSchema } from '../../contracts/index.ts'
import { findOrigins, type Origin, originKey } from './origins.ts'

/** A contract as a configuration declares it, in the form in which the registry takes it. */
export type DeclaredContract = {
  readonly channel: string
  readonly direction: 'writes' | 'reads'
  /** The schema, or the JSON text of it, as it stands in its file. */
  readonly schema: JsonSchema | string
  readonly encoding?: 'fields' | 'json'
  readonly field?: string
  readonly headers?: 'off' | 'id' | 'full'
  readonly guarded?: boolean
  readonly external?: boolean
  readonly keepsMs?: number
  readonly subject?: string
  /** The file that declares it, and the line, such as `votes.contract.ts:3`. */
  readonly origin?: string
}

/** A service as a configuration declares it. */
export type Declared = { readonly service: string; readonly contracts: readonly DeclaredContract[] }

const MEMBERS = ['encoding', 'field', 'headers', 'guarded', 'external', 'keepsMs', 'subject'] as const

/** Reads what a module exports: what `service(…)` makes, by whichever release of ours. */
export function readService(exported: unknown): Declared | { readonly failure: string } {
  if (!isRecord(exported) || typeof exported.name !== 'string' || !Array.isArray(exported.contracts))
    return { failure: "it exports no service: write export default service('<name>', { writes: [...] })" }
  const contracts: unknown[] = exported.contracts
  const stranger = contracts.findIndex((contract) => !isContract(contract))
  if (stranger !== -1) return { failure: `the service's contract ${stranger + 1} is none: make it with service(…)` }
  const origins = findOrigins(exported)
  return {
    service: exported.name,
    contracts: contracts.filter(isContract).map((contract) => declare(contract, origins.get(originKey(contract)))),
  }
}

type Contract = Readonly<Record<string, unknown>> & Pick<DeclaredContract, 'channel' | 'direction'>

function isContract(value: unknown): value is Contract {
  return (
    isRecord(value) &&
    typeof value.channel === 'string' &&
    (value.direction === 'writes' || value.direction === 'reads') &&
    'schema' in value
  )
}

function declare(contract: Contract, { place }: Origin = {}): DeclaredContract {
  const { channel, direction } = contract
  const known = MEMBERS.filter((name) => contract[name] !== undefined).map((name) => [name, contract[name]])
  return {
    channel,
    direction,
    // as text it crosses from thread to thread without what only TypeBox sees
    schema: JSON.stringify(contract.schema),
    ...Object.fromEntries(known),
    ...(place !== undefined && { origin: place }),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
