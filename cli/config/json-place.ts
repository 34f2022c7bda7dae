import { pointerTo } from '../../contracts/json.ts'

/** The line and column, such as `3:14`, of what stands at a JSON Pointer in a text; of what holds it, where it is not there. */
export function placeOf(text: string, pointer: string): string {
  const offsets = offsetsIn(text)
  let at = pointer
  while (at !== '' && !offsets.has(at)) at = at.slice(0, at.lastIndexOf('/'))
  return lineAndColumn(text, offsets.get(at) ?? 0)
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

type Level = { readonly pointer: string; readonly isObject: boolean; step: string | number }

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s[\]{},:"]+/g

/** Where each value of a well-formed text begins; a member begins with its name, and one that stands twice counts last. */
function offsetsIn(text: string): Map<string, number> {
  const offsets = new Map<string, number>()
  const levels: Level[] = []
  let awaitsKey = false
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    const here = () => (level === undefined ? '' : pointerTo(level.pointer, level.step))
    if (awaitsKey && level && token.startsWith('"')) {
      level.step = JSON.parse(token) as string
      offsets.set(here(), index)
      awaitsKey = false
    } else if (token === '}' || token === ']') {
      levels.pop()
      awaitsKey = false
    } else if (token === ',') {
      awaitsKey = level?.isObject === true
      if (typeof level?.step === 'number') level.step += 1
    } else if (token !== ':') {
      if (!level?.isObject) offsets.set(here(), index)
      if (token === '{' || token === '[') levels.push({ pointer: here(), isObject: token === '{', step: 0 })
      awaitsKey = token === '{'
    }
  }
  return offsets
}
