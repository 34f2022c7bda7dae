import { TYPE } from '../../schema/types.ts'
import { isMultiple } from '../accepts.ts'
import type { Branch, Family, Found } from '../family.ts'
import type { Node } from '../node.ts'

type NumberCell = {
  types: number
  min: number
  isMinOpen: boolean
  max: number
  isMaxOpen: boolean
  readonly divisors: number[]
  readonly barredDivisors: number[]
  readonly barred: number[]
}

export const numbers: Family<NumberCell> = {
  create: (types) => ({
    types,
    min: Number.NEGATIVE_INFINITY,
    isMinOpen: false,
    max: Number.POSITIVE_INFINITY,
    isMaxOpen: false,
    divisors: [],
    barredDivisors: [],
    barred: [],
  }),
  copy: (cell) => ({
    ...cell,
    divisors: [...cell.divisors],
    barredDivisors: [...cell.barredDivisors],
    barred: [...cell.barred],
  }),
  meet,
  choices: () => [],
  refuse,
  isDisjoint: ({ types, min, max }, { possible, number }) =>
    (types & possible) === 0 || number.minimum > max || number.maximum < min,
  build,
}

function meet(node: Node, cell: NumberCell): boolean {
  const { minimum, isMinimumOpen, maximum, isMaximumOpen, multipleOf } = node.number
  cell.types &= node.types
  raise(cell, minimum, isMinimumOpen)
  lower(cell, maximum, isMaximumOpen)
  if (multipleOf !== undefined) cell.divisors.push(multipleOf)
  return cell.types !== 0 && isInhabited(cell)
}

function raise(cell: NumberCell, min: number, isOpen: boolean): boolean {
  if (min > cell.min || (min === cell.min && isOpen)) Object.assign(cell, { min, isMinOpen: isOpen })
  return isInhabited(cell)
}

function lower(cell: NumberCell, max: number, isOpen: boolean): boolean {
  if (max < cell.max || (max === cell.max && isOpen)) Object.assign(cell, { max, isMaxOpen: isOpen })
  return isInhabited(cell)
}

function isInhabited({ min, max, isMinOpen, isMaxOpen }: NumberCell): boolean {
  return min < max || (min === max && !isMinOpen && !isMaxOpen)
}

function refuse({ types, values, number }: Node): Branch<NumberCell>[] {
  const { minimum, isMinimumOpen, maximum, isMaximumOpen, multipleOf } = number
  const ways: ((cell: NumberCell) => boolean)[] = []
  if (values) ways.push((cell) => cell.barred.push(...values.filter((value) => typeof value === 'number')) >= 0)
  if (minimum > Number.NEGATIVE_INFINITY) ways.push((cell) => lower(cell, minimum, !isMinimumOpen))
  if (maximum < Number.POSITIVE_INFINITY) ways.push((cell) => raise(cell, maximum, !isMaximumOpen))
  if (multipleOf !== undefined) ways.push((cell) => cell.barredDivisors.push(multipleOf) > 0)
  if ((types & TYPE.fraction) === 0) ways.push((cell) => (cell.types &= ~types) !== 0)
  return ways.map((enter) => ({ literals: [], enter }))
}

function build(cell: NumberCell): Found {
  const isWhole = cell.types === TYPE.integer
  const divisors = isWhole ? [...cell.divisors, 1] : cell.divisors
  const barredDivisors = cell.types === TYPE.fraction ? [...cell.barredDivisors, 1] : cell.barredDivisors
  const fits = (value: number) => isWithin(cell, value) && isSpared(cell, value, divisors, barredDivisors)
  const friendly = [
    0,
    1,
    -1,
    0.5,
    1.5,
    cell.min,
    cell.max,
    cell.min + 1,
    cell.max - 1,
    Math.ceil(cell.min),
    Math.floor(cell.max),
  ].find(fits)
  if (friendly !== undefined) return { value: friendly + 0 }
  return divisors.length > 0 ? amongMultiples(cell, divisors, barredDivisors, fits) : amongReals(cell, fits)
}

function isWithin({ min, max, isMinOpen, isMaxOpen }: NumberCell, value: number): boolean {
  return (
    Number.isFinite(value) &&
    (value > min || (value === min && !isMinOpen)) &&
    (value < max || (value === max && !isMaxOpen))
  )
}

function isSpared(
  { types, barred }: NumberCell,
  value: number,
  divisors: readonly number[],
  barredDivisors: readonly number[],
): boolean {
  if ((types & (Number.isInteger(value) ? TYPE.integer : TYPE.fraction)) === 0) return false
  return (
    divisors.every((by) => isMultiple(value, by)) &&
    !barredDivisors.some((by) => isMultiple(value, by)) &&
    !barred.includes(value)
  )
}

const MOST_TRIES = 20_000

/** Multiples of all divisors are the multiples of one; of these, what is barred comes back after each period. */
function amongMultiples(
  cell: NumberCell,
  divisors: readonly number[],
  barredDivisors: readonly number[],
  fits: (value: number) => boolean,
): Found {
  const scale = 10n ** BigInt(Math.max(...[...divisors, ...barredDivisors].map(decimals)))
  const scaled = (value: number) => toScaled(value, scale)
  const step = divisors.map(scaled).reduce(leastCommon)
  if (barredDivisors.some((by) => step % scaled(by) === 0n)) return 'none'
  const period = barredDivisors.map(scaled).reduce(leastCommon, step) / step
  const stepSize = Number(step) / Number(scale)
  const [first, last] = [Math.ceil(cell.min / stepSize), Math.floor(cell.max / stepSize)]
  const room = last - first + 1
  if (room <= 0) return 'none'
  const at = (i: number) => Number(BigInt(i) * step) / Number(scale) + 0
  if (room <= MOST_TRIES) return firstFit(first, room, at, fits) ?? 'none'
  const needed = Number(period) * (cell.barred.length + 2)
  const start = first > 0 ? first : Math.min(last, 0) - (Number.isFinite(last) ? Math.min(needed, MOST_TRIES) : 0)
  return firstFit(Math.max(start, first), Math.min(needed, MOST_TRIES), at, fits) ?? { unknown: 'number-precision' }
}

function firstFit(
  first: number,
  count: number,
  at: (i: number) => number,
  fits: (value: number) => boolean,
): Found | undefined {
  for (let i = 0; i < count; i++) if (fits(at(first + i))) return { value: at(first + i) }
  return undefined
}

/** Between two different reals there are always more; only a single point can be exhausted. */
function amongReals(cell: NumberCell, fits: (value: number) => boolean): Found {
  if (cell.min === cell.max) return 'none'
  const [low, high] = [Math.max(cell.min, -1e6), Math.min(cell.max, 1e6)]
  const [from, to] =
    low < high ? [low, high] : [cell.min > 0 ? cell.min : cell.max * 2, cell.min > 0 ? cell.min * 2 : cell.max]
  const tries = cell.barred.length + 16
  for (let i = 1; i <= tries; i++) {
    for (const value of [Math.floor(from) + i, Math.floor(from) + i + 0.5, from + ((to - from) * i) / (tries + 1)])
      if (fits(value)) return { value: value + 0 }
  }
  return { unknown: 'number-precision' }
}

function decimals(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent))
}

function toScaled(value: number, scale: bigint): bigint {
  const places = decimals(value)
  return (BigInt(Math.round(value * 10 ** places)) * scale) / 10n ** BigInt(places)
}

function leastCommon(a: bigint, b: bigint): bigint {
  return (a / greatestCommon(a, b)) * b
}

function greatestCommon(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommon(b, a % b)
}
