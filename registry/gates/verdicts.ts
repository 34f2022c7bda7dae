import { ENGINE, type Policy, type Verdict } from '../../contracts/index.ts'
import { unaudited } from '../audit/at-work.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { ContractTerms } from '../store/services.ts'
import type { SchemaDocument } from '../verdicts/document.ts'
import { type Side, verdictKey } from '../verdicts/engine.ts'
import type { Pair } from './pairs.ts'

/** Verdicts by their keys. */
export type Verdicts = ReadonlyMap<string, Verdict>

/** How many questions one gate asks at a time: others wait for the same engine. */
const ASKED_AT_ONCE = 16
/** After so long a gate asks nothing more: what is not known by then is unknown for now, and known to the next one. */
const LONGEST_ASKING_MS = 20_000
/** Characters of a verdict that the store keeps: a larger one has a huge witness. */
const LARGEST_KEPT = 100_000

export function keyOfPair({ writer, reader, meeting }: Pair, policy: Policy): string {
  return verdictKey(writer.contract, reader.contract, policy, meeting)
}

/** The texts of schemas that are not kept, such as those of a working copy, by their fingerprints. */
export type Texts = ReadonlyMap<string, string>

/** The verdicts of pairs: remembered here, kept in the store, or found now and then kept. */
export async function findVerdicts(
  registry: Registry,
  pairs: readonly Pair[],
  policy: Policy,
  texts: Texts = new Map(),
): Promise<Verdicts> {
  const { engine, store } = registry
  const open = new Map<string, Pair>()
  const known = new Map<string, Verdict>()
  for (const pair of pairs) {
    const { writer, reader, meeting } = pair
    const verdict = engine.recall(writer.contract, reader.contract, policy, meeting)
    if (verdict) known.set(keyOfPair(pair, policy), verdict)
    else open.set(keyOfPair(pair, policy), pair)
  }
  for (const { key, verdict } of await store.verdicts.find([...open.keys()])) {
    const found = JSON.parse(verdict) as Verdict
    engine.remember(key, found)
    known.set(key, found)
    open.delete(key)
  }
  const found = await decideAll(registry, open, policy, texts)
  const lasting = [...found].filter(([, { reason }]) => reason !== 'clock')
  const kept = lasting.map(([key, verdict]) => ({ key, verdict: JSON.stringify(verdict) }))
  const small = kept.filter(({ verdict }) => verdict.length <= LARGEST_KEPT)
  if (small.length > 0) await unaudited(() => store.write(({ verdicts }) => verdicts.keep(small)))
  return new Map([...known, ...found])
}

async function decideAll(
  registry: Registry,
  open: ReadonlyMap<string, Pair>,
  policy: Policy,
  texts: Texts,
): Promise<Map<string, Verdict>> {
  const found = new Map<string, Verdict>()
  const started = performance.now()
  const left = open.entries()
  const askOn = async (): Promise<void> => {
    for (const [key, { writer, reader, meeting }] of left) {
      const isLate = performance.now() - started > LONGEST_ASKING_MS
      const sides = [sideOf(registry, writer.contract, texts), sideOf(registry, reader.contract, texts)] as const
      found.set(key, isLate ? outOfTime(policy) : await registry.engine.decide(...sides, policy, meeting))
    }
  }
  await Promise.all(Array.from({ length: Math.min(ASKED_AT_ONCE, open.size) }, askOn))
  return found
}

function outOfTime(policy: Policy): Verdict {
  return { answer: 'unknown', policy, engine: ENGINE, reason: 'clock', findings: [] }
}

function sideOf({ store }: Registry, { schemaId, fingerprint }: ContractTerms, texts: Texts): Side {
  const document = async (): Promise<SchemaDocument> => {
    const text = texts.get(fingerprint) ?? (await store.schemas.byId(schemaId))?.text
    if (text === undefined) throw registryError('schema.unknown', { id: schemaId })
    return { text, documents: {} }
  }
  return { fingerprint, document }
}
