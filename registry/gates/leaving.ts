import { isInSlot } from '../services/deployments.ts'
import type { Reservation } from '../store/environments.ts'
import type { VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import type { Question } from './gather.ts'
import { isCandidate } from './party.ts'

/** What the candidates take the place of at their destination. */
export type Leaving = {
  /** What stands in their slots now, or is the head of their main branches: each version once. */
  readonly replaced: readonly VersionName[]
  /** All of their services that is deployed, in whatever slot. */
  readonly deployed: readonly VersionName[]
  /** Whether nothing of a version stays once the candidates are there. */
  readonly isGone: (version: VersionName) => boolean
}

type Source = Pick<Reads, 'environments' | 'services'>

export async function findLeaving(
  reads: Source,
  question: Question,
  reservations: readonly Reservation[],
): Promise<Leaving> {
  const { candidates, destination } = question
  const services = [...new Set(candidates.map(({ service }) => service))]
  if (!('to' in destination)) return asLeaving(question, await headsOf(reads, services), [])
  const { to } = destination
  const current = (await Promise.all(services.map((service) => reads.environments.current(to, service)))).flat()
  const deployed = current.filter(({ kind }) => kind === 'deployment')
  const replaced = deployed.filter((one) => candidates.some((candidate) => isInSlot(one, candidate)))
  const staying = [...current.filter((one) => !replaced.includes(one)), ...reservations]
  return { ...asLeaving(question, replaced, staying), deployed: eachOnce(deployed) }
}

function asLeaving({ candidates }: Question, found: readonly VersionName[], staying: readonly VersionName[]): Leaving {
  const replaced = eachOnce(found)
  const stays = new Set([...staying, ...replaced.filter((one) => isCandidate(candidates, one))].map(keyOf))
  const gone = new Set(replaced.map(keyOf).filter((key) => !stays.has(key)))
  return { replaced, deployed: replaced, isGone: (version) => gone.has(keyOf(version)) }
}

async function headsOf({ services }: Source, names: readonly string[]): Promise<VersionName[]> {
  const heads = await Promise.all(
    names.map(async (name) => {
      const branch = (await services.service(name))?.mainBranch
      return branch === undefined ? undefined : services.head(name, branch)
    }),
  )
  return heads.flatMap((head) => head ?? [])
}

export function eachOnce<Name extends VersionName>(names: readonly Name[]): Name[] {
  return [...new Map(names.map((name) => [keyOf(name), name])).values()]
}

function keyOf({ service, version }: VersionName): string {
  return JSON.stringify([service, version])
}
