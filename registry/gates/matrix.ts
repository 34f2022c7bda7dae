import type { Policy } from '../../contracts/index.ts'
import type { Registry } from '../registry.ts'
import { findService, findServiceVersion } from '../services/find.ts'
import type { VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { type PairTold, tellPair } from './judge.ts'
import { type Pair, pairUp } from './pairs.ts'
import { candidateParties, type Party } from './party.ts'
import { findVerdicts, keyOfPair } from './verdicts.ts'

export type WantedMatrix = {
  readonly writer: string
  readonly reader: string
  readonly writerVersion?: string | undefined
  readonly readerVersion?: string | undefined
  readonly policy: Policy
  /** Of each service, where no version is named, so many of the latest. */
  readonly versions: number
}

/** Pairs that one matrix compares at most. */
const MOST_PAIRS = 2000

/** All that versions of one service write and versions of another read, with the verdicts. */
export async function matrixOf(
  registry: Registry,
  wanted: WantedMatrix,
): Promise<{ readonly rows: readonly PairTold[]; readonly isWhole: boolean }> {
  const { store } = registry
  const { writer, reader, versions, policy } = wanted
  const [writing, reading] = await Promise.all([
    versionsOf(store, { service: writer, version: wanted.writerVersion }, versions),
    versionsOf(store, { service: reader, version: wanted.readerVersion }, versions),
  ])
  const all = somePairs(writing, reading)
  const pairs = all.slice(0, MOST_PAIRS)
  const verdicts = await findVerdicts(registry, pairs, policy)
  const rows = pairs.flatMap((pair) => {
    const verdict = verdicts.get(keyOfPair(pair, policy))
    return verdict ? [tellPair({ pair, verdict })] : []
  })
  return { rows, isWhole: all.length <= MOST_PAIRS }
}

async function versionsOf(
  { services }: Pick<Reads, 'services'>,
  { service, version }: { readonly service: string; readonly version: string | undefined },
  limit: number,
): Promise<Party[][]> {
  await findService(services, service)
  const versions: VersionName[] =
    version === undefined
      ? await services.versions(service, { limit })
      : [await findServiceVersion(services, { service, version })]
  return Promise.all(
    versions.map(async (one) => candidateParties({ ...one, contracts: await services.contracts(one) })),
  )
}

/** One more than is told at most, if there are as many. */
function somePairs(writing: readonly Party[][], reading: readonly Party[][]): Pair[] {
  const pairs: Pair[] = []
  for (const ours of writing)
    for (const theirs of reading) {
      if (pairs.length > MOST_PAIRS) return pairs
      for (const pair of pairsBetween(ours, theirs)) pairs.push(pair)
    }
  return pairs
}

function pairsBetween(writing: readonly Party[], reading: readonly Party[]): Pair[] {
  const others = reading.map((party): Party => ({ ...party, is: 'head' }))
  return pairUp(writing, others).filter((pair) => pair.writer.is === 'candidate' && pair.reader.is === 'head')
}
