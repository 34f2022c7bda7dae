import { type Contract, type Direction, factsOf } from './contract.ts'
import { type EndpointContract, endpointChannel } from './endpoint.ts'
import type { StreamContract } from './stream.ts'
import { layoutOf } from './wire/layout.ts'

export type ServiceOptions = {
  readonly writes?: readonly StreamContract[]
  readonly reads?: readonly StreamContract[]
  readonly serves?: readonly EndpointContract[]
  readonly calls?: readonly EndpointContract[]
}

/** A service and all that it says of its channels. */
export type Service = { readonly name: string; readonly contracts: readonly Contract[] }

/** Declares a service. Throws for a name that cannot be, for a channel named twice and for contracts that cannot be carried. */
export function service(name: string, { writes = [], reads = [], serves = [], calls = [] }: ServiceOptions): Service {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name))
    throw new TypeError(
      `"${name}" cannot name a service: use letters, digits, ".", "_" and "-", beginning with a letter or digit.`,
    )
  for (const contract of writes) layoutOf(contract, 'writes')
  const contracts = [
    ...writes.map((contract) => streamContract(contract, 'writes')),
    ...reads.map((contract) => streamContract(contract, 'reads')),
    ...serves.flatMap((contract) => endpointContracts(name, contract, 'serves')),
    ...calls.flatMap((contract) => endpointContracts(providerOf(contract), contract, 'calls')),
  ]
  const seen = new Set<string>()
  for (const { channel, direction } of contracts) {
    const key = `${direction} ${channel}`
    if (seen.has(key)) throw new TypeError(`${name} ${key} twice; say all that it ${direction} there in one contract.`)
    seen.add(key)
  }
  return { name, contracts }
}

function streamContract(
  { channel, schema, encoding, field, headers, guarded, ...rest }: StreamContract,
  direction: Direction,
): Contract {
  const contract = { channel, direction, schema: schema.root, encoding, headers, guarded, ...factsOf(rest) }
  return encoding === 'json' ? { ...contract, field } : contract
}

function endpointContracts(provider: string, contract: EndpointContract, verb: 'serves' | 'calls'): Contract[] {
  const [request, response]: [Direction, Direction] = verb === 'serves' ? ['reads', 'writes'] : ['writes', 'reads']
  const parts = [
    { part: 'request', direction: request, schema: contract.request },
    ...Object.entries(contract.responses).map(([part, schema]) => ({ part, direction: response, schema })),
  ]
  return parts.map(({ part, direction, schema }) => ({
    channel: endpointChannel(provider, contract, part),
    direction,
    schema: schema.root,
    encoding: 'json',
    headers: 'off',
    guarded: true,
    ...factsOf(contract),
  }))
}

function providerOf({ name, provider }: EndpointContract): string {
  if (provider === undefined)
    throw new TypeError(`The call ${name} does not say whom it calls: add provider: '<service>'.`)
  return provider
}
