import { ENGINE, type Policy, type Verdict } from '../../contracts/index.ts'
import { Kept } from '../kept.ts'
import type { RegistryMetrics } from '../operations/metrics.ts'
import { createDecider, DECIDER_DEADLINE_MS } from './decider.ts'
import { type Carried, type DocumentRead, readDocument, type SchemaDocument } from './document.ts'
import { type Meeting, nameMeeting } from './meeting.ts'

/** One side of a question: what it is called, and how to come by it should the question have to be asked. */
export type Side = { readonly fingerprint: string; readonly document: () => Promise<SchemaDocument> }

/** Reads schemas and decides, without blocking the event loop for long, and remembers what it decided. */
export type Engine = AsyncDisposable & {
  /** Undefined where it ran out of time. */
  readonly read: (document: SchemaDocument, carried?: Carried) => Promise<DocumentRead | undefined>
  readonly decide: (writer: Side, reader: Side, policy: Policy, meeting?: Meeting) => Promise<Verdict>
  /** The verdict, where it is remembered. */
  readonly recall: (
    writer: Fingerprinted,
    reader: Fingerprinted,
    policy: Policy,
    meeting?: Meeting,
  ) => Verdict | undefined
  /** Remembers a verdict that was kept elsewhere, by its key. */
  readonly remember: (key: string, verdict: Verdict) => void
}

type Fingerprinted = Pick<Side, 'fingerprint'>

/** Documents up to so many characters are read at once, which takes a few milliseconds at most; others in the thread. */
const READ_AT_ONCE = 8192
/** How many characters of verdicts are remembered. Most are short, and one with a large witness is not. */
const VERDICTS_KEPT = 32 * 1024 * 1024
/** What a verdict weighs besides its own characters. */
const ENTRY_WEIGHT = 500

export type EngineOptions = {
  readonly deadlineMs?: number
  /** Counts the verdicts that are given, and how long it took to find those that nobody remembered. */
  readonly metrics?: Pick<RegistryMetrics, 'verdicts' | 'decided'> | undefined
}

export function createEngine({ deadlineMs = DECIDER_DEADLINE_MS, metrics }: EngineOptions = {}): Engine {
  const decider = createDecider({ deadlineMs })
  const known = new Kept<string, Verdict>(VERDICTS_KEPT)
  const asked = new Map<string, Promise<Verdict>>()

  const given = <V extends Verdict | undefined>(verdict: V): V => {
    if (verdict) metrics?.verdicts[verdict.answer].add(1)
    return verdict
  }
  const remember = (key: string, verdict: Verdict): void => {
    known.set(key, verdict, JSON.stringify(verdict).length + ENTRY_WEIGHT)
  }
  const ask = async (key: string, writer: Side, reader: Side, options: Asking): Promise<Verdict> => {
    const [w, r] = await Promise.all([writer.document(), reader.document()])
    const started = performance.now()
    const verdict = await decider.decideDocuments(w, r, options)
    metrics?.decided.observe((performance.now() - started) / 1000)
    // What the clock prevented may be known another time.
    if (verdict.reason !== 'clock') remember(key, verdict)
    return verdict
  }
  return {
    read: async (document, carried) =>
      (sizeOf(document) <= READ_AT_ONCE ? readShallow(document, carried) : undefined) ??
      decider.read(document, carried),
    recall: (writer, reader, policy, meeting) => given(known.get(verdictKey(writer, reader, policy, meeting))),
    remember: (key, verdict) => remember(key, given(verdict)),
    decide: async (writer, reader, policy, meeting = 'json') => {
      const key = verdictKey(writer, reader, policy, meeting)
      const verdict = known.get(key)
      if (verdict) return given(verdict)
      const asking = asked.get(key) ?? ask(key, writer, reader, { policy, meeting }).finally(() => asked.delete(key))
      asked.set(key, asking)
      return given(await asking)
    },
    [Symbol.asyncDispose]: () => decider.close(),
  }
}

type Asking = { readonly policy: Policy; readonly meeting: Meeting }

/** A verdict depends on nothing else. */
export function verdictKey(
  writer: Fingerprinted,
  reader: Fingerprinted,
  policy: Policy,
  meeting: Meeting = 'json',
): string {
  return `${ENGINE} ${policy} ${nameMeeting(meeting)} ${writer.fingerprint} ${reader.fingerprint}`
}

/** Undefined for a document that is nested more deeply than the stack here: the thread's is larger. */
function readShallow(document: SchemaDocument, carried: Carried | undefined): DocumentRead | undefined {
  try {
    return readDocument(document, carried)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function sizeOf({ text, documents }: SchemaDocument): number {
  return Object.values(documents).reduce((size, other) => size + other.length, text.length)
}
