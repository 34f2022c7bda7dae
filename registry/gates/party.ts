import type { ContractTerms, Neighbour, VersionName } from '../store/services.ts'

/** One who takes part in a place: a candidate, or a version that lives there, with one of its contracts. */
export type Party = VersionName & {
  readonly is: 'candidate' | Neighbour['is']
  readonly instances: readonly string[]
  readonly endedAt?: number
  readonly reservation?: Neighbour['reservation']
  readonly contract: ContractTerms
}

/** A version that asks whether it may go somewhere, with all its contracts. */
export type Candidate = VersionName & {
  readonly instance?: string | undefined
  /** Undefined for a version that has published nothing. */
  readonly contracts: readonly ContractTerms[] | undefined
  /** It is not published, whatever has been published under its name. */
  readonly isWorkingCopy?: true
}

/** Whether a version is one of the candidates. */
export function isCandidate(candidates: readonly Candidate[], { service, version }: VersionName): boolean {
  return candidates.some((one) => !one.isWorkingCopy && one.service === service && one.version === version)
}

export function candidateParties({ service, version, contracts = [] }: Candidate): Party[] {
  return contracts.map((contract) => ({ service, version, is: 'candidate', instances: [], contract }))
}

/** Of the same contract several may speak, such as three instances of one version: each version speaks once. */
export function partiesOf(neighbours: readonly Neighbour[]): Party[] {
  const parties = new Map<string, Party>()
  for (const { service, version, is, instance, endedAt, reservation, ...contract } of neighbours) {
    const key = JSON.stringify([service, version, contract.place, contract.verb, contract.part])
    const known = parties.get(key)
    const other = known !== undefined && ORDER.indexOf(known.is) <= ORDER.indexOf(is) ? known : undefined
    const instances = [...new Set([...(known?.instances ?? []), ...(instance === undefined ? [] : [instance])])]
    parties.set(key, {
      ...(other ?? { service, version, is, contract, ...(endedAt !== undefined && { endedAt }) }),
      ...((known?.reservation ?? reservation) && { reservation: known?.reservation ?? reservation }),
      instances,
    })
  }
  return [...parties.values()]
}

/** What is told first of a version that lives in several ways. */
const ORDER: readonly Party['is'][] = ['candidate', 'deployed', 'released', 'starting', 'head', 'retired']
