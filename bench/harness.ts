import { styleText } from 'node:util'

/** One thing to measure: ours and its named peer doing the same work on the same data. */
export type Case = {
  readonly name: string
  readonly peer: string
  readonly unit: 'ns' | 'us' | 'ms' | 'per s'
  readonly better: 'lower' | 'higher'
  /** The ratio ours/peer to reach; left out where the figure is for information only. */
  readonly goal?: number
  /** Measures once and returns the figure in the case's unit. */
  readonly ours: () => number | Promise<number>
  readonly theirs: () => number | Promise<number>
}

export type Result = {
  readonly case: string
  readonly ours: number
  readonly peer: number
  readonly peerName: string
  readonly unit: string
  readonly ratio: number
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
    const [mine, theirs] = [await test.ours(), await test.theirs()]
    if (round < 0) continue // warm-up
    ours.push(mine)
    peer.push(theirs)
    ratios.push(mine / theirs)
  }
  const { name, unit, better, goal = null } = test
  const ratio = median(ratios)
  const met = goal === null ? null : better === 'lower' ? ratio <= goal : ratio >= goal
  return { case: name, ours: median(ours), peer: median(peer), peerName: test.peer, unit, ratio, better, goal, met }
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
    'case'.padEnd(32),
    'ours'.padStart(12),
    'peer'.padStart(12),
    'ratio'.padStart(7),
    'goal'.padStart(8),
    ' peer',
  ].join(' ')
}

/** A result as a line of the table. */
export function row({ case: name, ours, peer, peerName, unit, ratio, better, goal, met }: Result): string {
  const aim = goal === null ? '' : `${better === 'lower' ? '<=' : '>='} ${goal}`
  const colour = met === null ? 'dim' : met ? 'green' : 'red'
  const shown = styleText(colour, ratio.toFixed(2).padStart(7), { stream: process.stdout })
  const figure = (value: number) => `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`.padStart(12)
  return `${name.padEnd(32)} ${figure(ours)} ${figure(peer)} ${shown} ${aim.padStart(8)}  ${peerName}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
