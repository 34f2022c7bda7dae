import type { Override } from '../store/environments.ts'
import type { VersionName } from '../store/services.ts'
import type { Gathered } from './gather.ts'
import type { Judged, Stop } from './judge.ts'
import * as words from './words.ts'

/** What stops nobody, and what somebody should know. */
export type Warning = {
  readonly reason: 'unguarded' | 'unpublished' | 'reservation-expired' | 'overridden'
  readonly text: string
  readonly channel?: string
}

type Overridden = Stop & { readonly override: Override }

export function warningsOf(
  gathered: Gathered,
  judged: readonly Judged[],
  overridden: readonly Overridden[],
): Warning[] {
  return [
    ...judged.flatMap(warningOf),
    ...gathered.silent.map((one) => silentWarning(one, gathered)),
    ...expired(gathered),
    ...overridden.map(overrideWarning),
  ]
}

/** An unguarded writer is told, and stops nothing: an environment that minds insists on the strict policy. */
function warningOf({ pair, verdict }: Judged): Warning[] {
  const isEnforced = !verdict.onlyAsDeclared || pair.writer.contract.guarded
  if (verdict.answer !== 'compatible' || isEnforced) return []
  return [{ reason: 'unguarded', channel: pair.channel, text: words.tellUnguarded(pair) }]
}

function silentWarning(version: VersionName, { question: { destination } }: Gathered): Warning {
  return { reason: 'unpublished', text: words.tellSilent(version, destination) }
}

function expired({ reservations }: Gathered): Warning[] {
  return reservations
    .filter(({ isExpired }) => isExpired)
    .map(({ id, service, version, environment, expiresAt }) => ({
      reason: 'reservation-expired',
      text: `Reservation ${id}, for ${service} ${version} in ${environment}, expired at ${new Date(expiresAt).toISOString()} and nobody has closed it, so ${service} ${version} still counts as being rolled out: record its deployment, or give it up with DELETE /api/reservations/${id}.`,
    }))
}

function overrideWarning({ override, channel }: Overridden): Warning {
  const { id, by, reason, expiresAt } = override
  const text = `Override ${id} by ${by} lets this through until ${new Date(expiresAt).toISOString()}: ${reason}`
  return { reason: 'overridden', text, ...(channel !== undefined && { channel }) }
}
