import { styleText } from 'node:util'

/** Where the demo tells its story: aligned and coloured on a terminal, plain in a pipe. */
export type Screen = {
  /** A paragraph, or an empty line. */
  readonly say: (text?: string) => void
  readonly heading: (number: number, title: string, tells: string) => void
  /** A sentence within a step. */
  readonly note: (text: string) => void
  /** A command as a person would type it, in the folder of a service. */
  readonly command: (folder: string, typed: string) => void
  /** What the command printed; of it, what matters stands out. */
  readonly output: (text: string, essential?: readonly string[]) => void
  /** The last line of a step. */
  readonly ends: (isShown: boolean, sentence: string) => void
  /** Shows what is being waited for, once that takes longer than a second. */
  readonly during: <T>(what: string, work: Promise<T>) => Promise<T>
}

/** A terminal, or anything else that can be written to. */
type Output = NodeJS.WritableStream & { readonly isTTY?: boolean }

const WIDTH = 110
const INDENT = '   '

/** Writes to a stream; progress goes to another, so that it never stands in what is piped. */
export function createScreen(out: Output = process.stdout, progress: Output = process.stderr): Screen {
  const paint = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream: out })
  const print = (text: string) => void out.write(`${text}\n`)
  return {
    say: (text = '') => print(text),
    heading: (number, title, tells) => {
      print(`\n${paint(['bold', 'cyan'], `${number}  ${title}`)}`)
      print(`${indent(wrap(tells, WIDTH - INDENT.length))}\n`)
    },
    note: (text) => print(indent(text)),
    command: (folder, typed) => print(`${INDENT}${paint('dim', `${folder} $`)} ${paint('bold', typed)}`),
    output: (text, essential = []) => {
      const shown = essential.reduce((all, part) => all.replaceAll(part, paint('yellow', part)), text.trimEnd())
      print(`${indent(indent(shown))}\n`)
    },
    ends: (isShown, sentence) => {
      const [mark, style] = isShown ? (['✔', 'green'] as const) : (['✘', 'red'] as const)
      print(paint(['bold', style], `${INDENT}${mark} ${sentence}`))
    },
    during: (what, work) => showWhile(what, work, progress),
  }
}

const FIRST_AFTER_MS = 1000

async function showWhile<T>(what: string, work: Promise<T>, to: Output): Promise<T> {
  const begun = performance.now()
  const seconds = () => Math.round((performance.now() - begun) / 1000)
  const tell = to.isTTY
    ? () => void to.write(`\r${INDENT}… ${what}, ${seconds()} s\u001b[K`)
    : () => void (seconds() % 5 === 1 && to.write(`${INDENT}… ${what}, ${seconds()} s\n`))
  const ticking = setInterval(tell, FIRST_AFTER_MS)
  try {
    return await work
  } finally {
    clearInterval(ticking)
    if (to.isTTY && performance.now() - begun > FIRST_AFTER_MS) to.write('\r\u001b[K')
  }
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, INDENT)
}

function wrap(text: string, width: number): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}
