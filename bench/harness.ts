import { styleText } from 'node:util'

/** One thing to measure: ours and its named peer doing the same work on the same data, or ours alone. */
export type Case = Measured & (Compared | Alone)

type Measured = {
  readonly name: string
  readonly unit: 'ns' | 'us' | 'ms' | 'per s' | 'MB' | 'requests'
  readonly better: 'lower' | 'higher'
  /** The ratio ours/peer to reach, or ours in its unit where there is no peer; left out where it is for information only. */
  readonly goal?: number
  /** Measures once and returns the figure in the case's unit. */
  readonly ours: () => number | Promise<number>
}
type Compared = { readonly peer: string; readonly theirs: () => number | Promise<number> }
type Alone = { readonly peer?: undefined; readonly theirs?: undefined }

/** Without a peer, `peer`, `peerName` and `ratio` are null, and the goal is one for `ours`. */
export type Result = {
  readonly case: string
  readonly ours: number
  readonly peer: number | null
  readonly peerName: string | null
  readonly unit: string
  readonly ratio: number | null
  readonly better: 'lower' | 'higher'
  readonly goal: number | null
  readonly met: boolean | null
}

const ROUNDS = 15

/** Runs a case and its peer in turn, so that a machine that slows down slows both, and takes the medians. */
export async function measure(test: Case): Promise<Result> {
  const ours: number[] = []
  const peer: number[] = []
  const ratios: number[] = []
  for (let round = -2; round < ROUNDS; round++) {
    const [mine, theirs] = [await test.ours(), await test.theirs?.()]
    if (round < 0) continue // warm-up
    ours.push(mine)
    if (theirs === undefined) continue
    peer.push(theirs)
    ratios.push(mine / theirs)
  }
  const { name, unit, better, goal = null, peer: peerName = null } = test
  const ratio = median(ratios)
  const reached = ratio ?? median(ours) ?? Number.NaN
  const met = goal === null ? null : better === 'lower' ? reached <= goal : reached >= goal
  return { case: name, ours: median(ours) ?? Number.NaN, peer: median(peer), peerName, unit, ratio, better, goal, met }
}

/** Nanoseconds a call over many calls. The results are folded together so that no call can be optimised away. */
export function nanoseconds(call: (i: number) => unknown, calls = 100_000): number {
  let kept = 0
  const started = process.hrtime.bigint()
  for (let i = 0; i < calls; i++) if (call(i) !== undefined) kept++
  const elapsed = Number(process.hrtime.bigint() - started)
  if (kept !== calls)
    throw new Error(`${calls - kept} of ${calls} calls had no result: the benchmark measures refusals`)
  return elapsed / calls
}

export function header(): string {
  return [
    'case'.padEnd(NAME),
    'ours'.padStart(12),
    'peer'.padStart(12),
    'ratio'.padStart(8),
    'goal'.padStart(11),
    ' peer',
  ].join(' ')
}

const NAME = 44

/** A result as a line of the table. */
export function row({ case: name, ours, peer, peerName, unit, ratio, better, goal, met }: Result): string {
  const aim = goal === null ? '' : `${better === 'lower' ? '<=' : '>='} ${goal}${ratio === null ? ` ${unit}` : ''}`
  const figure = (value: number | null) =>
    (value === null ? '' : `${value.toFixed(value < 1 ? 3 : value < 100 ? 1 : 0)} ${unit}`).padStart(12)
  const cells = [figure(ours), figure(peer), (ratio?.toFixed(ratio < 0.1 ? 4 : 2) ?? '').padStart(8)]
  const colour = met === null ? 'dim' : met ? 'green' : 'red'
  const judged = ratio === null ? 0 : 2
  const shown = cells.map((cell, i) => (i === judged ? styleText(colour, cell, { stream: process.stdout }) : cell))
  return `${name.padEnd(NAME)} ${shown.join(' ')} ${aim.padStart(11)}  ${peerName ?? ''}`.trimEnd()
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
}
