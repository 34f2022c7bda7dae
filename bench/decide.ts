import { readFileSync } from 'node:fs'
import jsonSchemaDiff from 'json-schema-diff'
import { check_compat, initSync } from 'jsoncompat'
import { decide, type JsonSchema, type Policy } from '../contracts/index.ts'
import { large, type Pair, usual, vote } from './contracts.ts'
import { type Case, nanoseconds } from './harness.ts'

/**
 * Verdicts on contracts and what became of them. Known schemas have been met before, so that they are prepared and ajv has
 * compiled them; verdicts themselves are never kept. New schemas are read, prepared and compiled within the time.
 */
export function cases(): readonly Case[] {
  const [small, big] = [usual(), large()]
  const all = [vote, ...small, ...big]
  return [
    { ...alone('vote/option, known'), unit: 'us', goal: 30, ours: voteAgain },
    { ...alone('up to 70 nodes, known: p50'), goal: 0.2, ours: () => quantile(timesOf(small), 0.5) },
    { ...alone('up to 70 nodes, known: p99'), goal: 2, ours: () => quantile(timesOf(small), 0.99) },
    { ...alone('up to 500 nodes, known: p95'), goal: 10, ours: () => quantile(timesOf(big), 0.95) },
    { ...alone('all, known: slowest'), goal: 50, ours: () => quantile(timesOf(all), 1) },
    { ...alone('up to 70 nodes, new: p50'), ours: () => quantile(timesOfNew(small), 0.5) },
    { ...alone('up to 70 nodes, new: p99'), ours: () => quantile(timesOfNew(small), 0.99) },
    { ...alone('up to 500 nodes, new: p95'), ours: () => quantile(timesOfNew(big), 0.95) },
    { ...alone('all, new: slowest'), goal: 50, ours: () => quantile(timesOfNew(all), 1) },
    ...against('json-schema-diff', byJsonSchemaDiff, all.filter(isEasyForJsonSchemaDiff)),
    ...against('jsoncompat', byJsoncompat, all.filter(isReadByJsoncompat)),
  ]
}

const alone = (name: string) => ({ name, unit: 'ms', better: 'lower' }) as const

/** A twentieth of the peer's time. */
const TWENTIETH = 1 / 20

/** Strict, since that is the question that the peers answer. They prepare nothing, so ours with new schemas stands beside. */
function against(peer: string, time: (pair: Pair) => number | Promise<number>, pairs: readonly Pair[]): Case[] {
  const name = `${pairs.length} pairs, strict`
  return [
    {
      ...alone(`${name}, known: p50`),
      peer,
      goal: TWENTIETH,
      ours: () => quantile(timesOf(pairs, 'strict'), 0.5),
      theirs: async () => quantile(await timesOfPeer(time, pairs), 0.5),
    },
    { ...alone(`${name}, new: p50`), ours: () => quantile(timesOfNew(pairs, 'strict'), 0.5) },
  ]
}

function voteAgain(): number {
  return nanoseconds(() => decide(vote.writer, vote.reader).witness, 2000) / 1000
}

const REPEATS = 3

function timesOf(pairs: readonly Pair[], policy: Policy = 'as-declared'): number[] {
  for (const { writer, reader } of pairs) decide(writer, reader, { policy })
  return Array.from({ length: REPEATS }, () => pairs.map((pair) => timeOf(pair, policy))).flat()
}

/** The same with schemas that nobody has met: each gets a title of its own. */
function timesOfNew(pairs: readonly Pair[], policy: Policy = 'as-declared'): number[] {
  return pairs
    .map(({ writer, reader }) => ({ writer: retitled(writer), reader: retitled(reader) }))
    .map((pair) => timeOf(pair, policy))
}

let titles = 0

function retitled(schema: JsonSchema): JsonSchema {
  return typeof schema === 'boolean' ? schema : { ...schema, title: `title ${titles++}` }
}

function timeOf({ writer, reader }: Pair, policy: Policy): number {
  const started = performance.now()
  const { answer } = decide(writer, reader, { policy })
  const elapsed = performance.now() - started
  if (answer === 'unknown') throw new Error('The benchmark measures unknown verdicts')
  return elapsed
}

async function timesOfPeer(time: (pair: Pair) => number | Promise<number>, pairs: readonly Pair[]): Promise<number[]> {
  const times: number[] = []
  for (const pair of pairs) times.push(await time(pair))
  return times
}

async function byJsonSchemaDiff({ writer, reader }: Pair): Promise<number> {
  const started = performance.now()
  await jsonSchemaDiff.diffSchemas({ sourceSchema: writer, destinationSchema: reader })
  return performance.now() - started
}

/** It takes a minute for some pairs with `oneOf`, as its own page on keywords says; those would flatter us. */
function isEasyForJsonSchemaDiff(pair: Pair): boolean {
  return !JSON.stringify(pair).includes('"oneOf"')
}

const texts = new Map<JsonSchema, string>()

/** Writing the schema as text is not its work. */
function textOf(schema: JsonSchema): string {
  const text = texts.get(schema) ?? JSON.stringify(schema)
  texts.set(schema, text)
  return text
}

function byJsoncompat({ writer, reader }: Pair): number {
  const [written, read] = [textOf(writer), textOf(reader)]
  const started = performance.now()
  check_compat(written, read, 'deserializer')
  return performance.now() - started
}

function isReadByJsoncompat(pair: Pair): boolean {
  initSync({ module: readFileSync(new URL(import.meta.resolve('jsoncompat/jsoncompat_wasm_bg.wasm'))) })
  try {
    byJsoncompat(pair)
    return true
  } catch {
    return false // such as a `multipleOf` that is no integer
  }
}

/** The value that so many of the values do not exceed. */
function quantile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b)
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN
}
