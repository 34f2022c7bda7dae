import type { Branch, Family, Literal } from './family.ts'
import type { Node } from './node.ts'

/** A schema that only refers to another one is that one, and has its id. */
export function unwrapped(node: Node): Node {
  const [only] = node.allOf
  return only && only.id === node.id ? unwrapped(only) : node
}

/** The choices that come with meeting a node: of each list, one branch must be gone. */
export function choicesOf<Cell>(family: Family<Cell>, node: Node): readonly (readonly Branch<Cell>[])[] {
  const { anyOf, oneOf, condition } = node
  const own = family.choices(node)
  if (!anyOf && !oneOf && !condition?.then && !condition?.else) return own
  const choices: (readonly Branch<Cell>[])[] = [...own]
  if (anyOf) choices.push(anyOf.map((branch) => ({ literals: [{ node: branch, isMet: true }] })))
  if (oneOf)
    choices.push(
      oneOf.map((branch) => ({ literals: oneOf.map((other) => ({ node: other, isMet: other === branch })) })),
    )
  if (condition?.then || condition?.else) choices.push(armsOf(condition, true))
  return choices
}

function armsOf(
  { if: test, then: met, else: unmet }: NonNullable<Node['condition']>,
  isMet: boolean,
): { literals: Literal[] }[] {
  const arm = (node: Node | undefined, isTestMet: boolean) =>
    node || isMet ? [{ literals: [{ node: test, isMet: isTestMet }, ...(node ? [{ node, isMet }] : [])] }] : []
  return [...arm(met, true), ...arm(unmet, false)]
}

/** The ways in which a value of the type at hand can be refused; undefined where it is refused whatever else it is. */
export function refusalsOf<Cell>(
  family: Family<Cell>,
  state: Known<Cell>,
  node: Node,
): readonly Branch<Cell>[] | undefined {
  if ((node.possible & state.mask) === 0 || isDisjoint(family, state, node)) return undefined
  const { allOf, anyOf, oneOf, not, condition } = node
  const ways: Branch<Cell>[] = [
    ...family.refuse(node),
    ...allOf.map((part) => ({ literals: [{ node: part, isMet: false }] })),
  ]
  if (anyOf) ways.push({ literals: anyOf.map((branch) => ({ node: branch, isMet: false })) })
  if (oneOf)
    ways.push(
      ...notExactlyOne(
        oneOf.filter((branch) => (branch.possible & state.mask) !== 0 && !isDisjoint(family, state, branch)),
      ),
    )
  if (not) ways.push({ literals: [{ node: not, isMet: true }] })
  if (condition) ways.push(...armsOf(condition, false))
  if (node.beyond.length > 0) ways.push({ literals: [], enter: () => true })
  return ways
}

/** Whether what is known of a value and a node obviously contradict each other. */
export function isDisjoint<Cell>(family: Family<Cell>, { cell, mask }: Known<Cell>, node: Node): boolean {
  return (node.possible & mask) === 0 || family.isDisjoint(cell, node)
}

function notExactlyOne<Cell>(branches: readonly Node[]): Branch<Cell>[] {
  const none = { literals: branches.map((node) => ({ node, isMet: false })) }
  const two = branches.flatMap((a, i) =>
    branches.slice(i + 1).map((b) => ({
      literals: [
        { node: a, isMet: true },
        { node: b, isMet: true },
      ],
    })),
  )
  return [none, ...two]
}

/** What the value is known to be so far. */
type Known<Cell> = { readonly cell: Cell; readonly mask: number }
