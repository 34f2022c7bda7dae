import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { Override } from '../store/environments.ts'
import { channelOf } from './channel.ts'
import { findChannel, findEnvironment, findService, findServiceVersion } from './find.ts'
import { checkText } from './names.ts'

export type SentOverride = {
  readonly service: string
  readonly version?: string
  readonly channel?: string
  readonly environment: string
  readonly reason: string
  readonly by: string
  readonly expiresAt?: string
  readonly expiresInSeconds?: number
}

/** Records somebody's word that a gate may let something through: for whom, why, and until when. */
export async function recordOverride(
  { store }: Registry,
  sent: SentOverride,
  longestSeconds: number,
): Promise<Override> {
  const { service, environment, reason, by } = sent
  checkText('a person', by)
  if (sent.version === undefined && sent.channel === undefined)
    throw malformed('it names neither a version nor a channel: an override is for one of them at least')
  return store.write(async ({ services, channels, environments }) => {
    await findEnvironment({ environments }, environment)
    await findService(services, service)
    const version =
      sent.version === undefined ? undefined : await findServiceVersion(services, { service, version: sent.version })
    const channel = sent.channel === undefined ? undefined : channelOf(await findChannel({ channels }, sent.channel))
    const expiresInMs = readExpiry(sent, await environments.now(), longestSeconds)
    return environments.override({
      service,
      environment,
      reason,
      by,
      expiresInMs,
      ...(version && { version: version.version }),
      ...(channel !== undefined && { channel }),
    })
  })
}

/** Ends an override before its time, unless `check` throws for it. It stays recorded. */
export async function endOverride(
  { store }: Registry,
  id: number,
  check: (override: Override) => void,
): Promise<Override> {
  return store.write(async ({ environments }) => {
    const ended = await environments.endOverride(id)
    if (!ended) throw registryError('override.unknown', { id: String(id) })
    check(ended)
    return ended
  })
}

function readExpiry({ expiresAt, expiresInSeconds }: SentOverride, now: number, longestSeconds: number): number {
  if ((expiresAt === undefined) === (expiresInSeconds === undefined))
    throw malformed('it needs either expiresAt or expiresInSeconds: an override ends')
  if (expiresInSeconds !== undefined) return expiresInSeconds * 1000
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(expiresAt ?? '')
    ? Date.parse(expiresAt ?? '')
    : Number.NaN
  const left = at - now
  if (!(left > 0 && left <= longestSeconds * 1000))
    throw malformed(
      `its expiresAt is no time from now to ${longestSeconds} seconds ahead, such as 2030-01-31T12:00:00Z`,
    )
  return left
}

function malformed(reason: string): Error {
  return registryError('request.malformed', { reason })
}
