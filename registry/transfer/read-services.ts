import type { Deployment } from '../store/environments.ts'
import type { StoredContract } from '../store/services.ts'
import type { ServiceRecord } from '../store/store.ts'
import { isWellFormed } from '../unicode.ts'

type Problem = string | undefined

/** What the lines so far have said of services, as far as the later ones depend on it. */
export type SeenServices = {
  /** The kind and key of the line before, which order the next one. */
  last: { readonly kind: ServiceRecord['kind']; readonly key: readonly (string | number)[] } | undefined
  readonly services: Set<string>
  readonly versions: Set<string>
  /** Positions and slots of which there is one only. */
  readonly taken: Set<string>
  highest: number
}

export function noServicesYet(): SeenServices {
  return { last: undefined, services: new Set(), versions: new Set(), taken: new Set(), highest: 0 }
}

/** What cannot be right about a record of services or environments: it would be refused, or mean nothing, once it is there. */
export function checkOther(record: ServiceRecord, seen: SeenServices, schemaIds: ReadonlySet<number>): Problem {
  if (!isWellFormed(record)) return 'it has a text that is ill-formed Unicode'
  if (record.kind === 'position')
    return record.position < seen.highest
      ? `the position is ${record.position}, and there is ${seen.highest}`
      : undefined
  const key = keyOf(record)
  if (seen.last?.kind === record.kind && !isBefore(seen.last.key, key))
    return `${record.kind} ${key.join(' ')} stands twice, or out of order`
  seen.last = { kind: record.kind, key }
  for (const position of positionsIn(record)) seen.highest = Math.max(seen.highest, position)
  return checkReferences(record, seen, schemaIds) ?? checkTaken(record, seen)
}

function keyOf(record: Exclude<ServiceRecord, { readonly kind: 'position' }>): (string | number)[] {
  switch (record.kind) {
    case 'service':
      return [record.service.name]
    case 'service-version':
      return [record.version.service, record.version.version]
    case 'branch':
      return [record.branch.service, record.branch.version, record.branch.branch]
    case 'contract':
      return contractKey(record.contract)
    case 'environment':
      return [record.environment.name]
    case 'deployment':
      return [record.deployment.id]
    case 'reservation':
      return [record.reservation.id]
    case 'override':
      return [record.override.id]
  }
}

function contractKey({ service, version, place, verb, part }: StoredContract): string[] {
  return [service, version, place, verb, part]
}

function positionsIn(record: ServiceRecord): number[] {
  switch (record.kind) {
    case 'service':
      return [record.service.position]
    case 'service-version':
      return [record.version.position]
    case 'branch':
      return [record.branch.position]
    case 'deployment':
      return [record.deployment.id, record.deployment.ended ?? 0]
    case 'reservation':
      return [record.reservation.id, record.reservation.closed ?? 0]
    case 'override':
      return [record.override.id, record.override.ended ?? 0]
    case 'contract':
    case 'environment':
    case 'position':
      return []
  }
}

function checkReferences(record: ServiceRecord, seen: SeenServices, schemaIds: ReadonlySet<number>): Problem {
  const needs = (version: { readonly service: string; readonly version: string }) =>
    seen.versions.has(nameOf(version)) ? undefined : `${version.service} ${version.version} is not in the export`
  switch (record.kind) {
    case 'service':
      seen.services.add(record.service.name)
      return undefined
    case 'service-version':
      seen.versions.add(nameOf(record.version))
      return seen.services.has(record.version.service)
        ? undefined
        : `service ${record.version.service} is not in the export`
    case 'branch':
      return needs(record.branch)
    case 'contract': {
      const { schemaId } = record.contract
      return schemaIds.has(schemaId) ? needs(record.contract) : `it has schema ${schemaId}, which is not in the export`
    }
    case 'deployment':
      return needs(record.deployment)
    case 'reservation':
      return needs(record.reservation)
    case 'environment':
    case 'override':
    case 'position':
      return undefined
  }
}

/** The databases keep these apart, and would refuse the second. */
function checkTaken(record: ServiceRecord, { taken }: SeenServices): Problem {
  const place = takenBy(record)
  if (place === undefined) return undefined
  if (taken.has(place)) return `${record.kind} ${place} stands twice`
  taken.add(place)
  return undefined
}

function takenBy(record: ServiceRecord): string | undefined {
  if (record.kind === 'service-version')
    return JSON.stringify(['version', record.version.service, record.version.position])
  if (record.kind === 'branch')
    return JSON.stringify(['branch', record.branch.service, record.branch.branch, record.branch.position])
  return record.kind === 'deployment' ? slotOf(record.deployment) : undefined
}

function slotOf({ kind, environment, service, version, instance, ended }: Deployment): string | undefined {
  if (ended !== undefined) return undefined
  return JSON.stringify([kind, environment, service, kind === 'release' ? version : instance])
}

function nameOf({ service, version }: { readonly service: string; readonly version: string }): string {
  return JSON.stringify([service, version])
}

/** As stores order them. */
function isBefore(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  for (const [i, one] of a.entries()) {
    const other = b[i]
    if (one === other) continue
    return typeof one === 'number' && typeof other === 'number'
      ? one < other
      : Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other))) < 0
  }
  return false
}
