type Wanted = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

const TOKEN =
  /[ \t\n\r]*(?:(?<text>"[ !#-[\]-\u{10FFFF}]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[ !#-[\]-\u{10FFFF}]*)*")|(?<plain>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<mark>[{}[\],:]))/uy

/** The offset at which a text stops being JSON; its end, where more would have to follow. */
export function brokenOffset(text: string): number {
  const open: ('{' | '[')[] = []
  const after = (): Wanted => (open.length === 0 ? 'nothing' : 'comma or end')
  let wanted: Wanted = 'value'
  const token = new RegExp(TOKEN)
  for (let at = 0; ; at = token.lastIndex) {
    const next = step(token.exec(text)?.groups ?? {}, wanted, open)
    if (next === undefined) return behindSpace(text, at)
    wanted = next === 'done' ? after() : next
  }
}

function behindSpace(text: string, at: number): number {
  let offset = at
  while (' \t\n\r'.includes(text.charAt(offset)) && offset < text.length) offset++
  return offset
}

/** What may follow a token, or undefined where the token itself may not stand. */
function step(
  token: { readonly [kind: string]: string | undefined },
  wanted: Wanted,
  open: ('{' | '[')[],
): Wanted | 'done' | undefined {
  const { text, plain, mark } = token
  if (text !== undefined && (wanted === 'key' || wanted === 'key or end')) return 'colon'
  if (text !== undefined || plain !== undefined) return isValue(wanted) ? 'done' : undefined
  if (mark === '{' || mark === '[') {
    if (!isValue(wanted)) return undefined
    open.push(mark)
    return mark === '{' ? 'key or end' : 'value or end'
  }
  if (mark === ':') return wanted === 'colon' ? 'value' : undefined
  if (mark === ',') return wanted === 'comma or end' ? (open.at(-1) === '{' ? 'key' : 'value') : undefined
  return mark !== undefined && isEnd(mark, wanted, open.at(-1)) && open.pop() ? 'done' : undefined
}

function isValue(wanted: Wanted): boolean {
  return wanted === 'value' || wanted === 'value or end'
}

function isEnd(mark: string, wanted: Wanted, innermost: string | undefined): boolean {
  if (mark === '}') return innermost === '{' && (wanted === 'key or end' || wanted === 'comma or end')
  return innermost === '[' && (wanted === 'value or end' || wanted === 'comma or end')
}
