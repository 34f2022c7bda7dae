import { pointerTo, stepsOf } from '../json.ts'
import { type Node, nodeForIndex, nodesForKey } from './node.ts'

/** The nodes that speak of the value at a place, all branches together. */
export function nodesAt(roots: readonly Node[], pointer: string): Node[] {
  return stepsOf(pointer).reduce((nodes, step) => nodes.flatMap((node) => below(node, step)), roots.flatMap(inPlace))
}

function below({ object, array }: Node, step: string): Node[] {
  const item = /^\d+$/.test(step) ? nodeForIndex(array, Number(step)) : undefined
  return [...nodesForKey(object, step), ...(item ? [item] : [])].flatMap(inPlace)
}

/** A node and all that it adds to the same value, each once. */
function inPlace(node: Node): Node[] {
  const all = new Set([node])
  for (const { allOf, anyOf = [], oneOf = [], condition } of all)
    for (const part of [...allOf, ...anyOf, ...oneOf, condition?.then, condition?.else]) if (part) all.add(part)
  return [...all]
}

/** Whether some of the nodes describe a member of this name. */
export function declares(nodes: readonly Node[], name: string): boolean {
  return nodes.some(
    ({ object }) => object.properties.has(name) || object.patterns.some(({ regex }) => regex.test(name)),
  )
}

/** The nearest member on the way to a place that the writer does not declare. */
export function undeclaredAbove(writer: Node, at: string): string | undefined {
  const steps = stepsOf(at)
  for (const [i, step] of steps.entries()) {
    const parent = nodesAt([writer], pointerTo('', ...steps.slice(0, i)))
    const isMember = parent.some(({ object }) => object.properties.size > 0 || object.required.length > 0)
    if (isMember && !/^\d+$/.test(step) && !declares(parent, step)) return pointerTo('', ...steps.slice(0, i + 1))
  }
  return undefined
}
