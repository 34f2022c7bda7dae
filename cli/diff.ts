import type { Command } from 'commander'
import type { ChangedPlace, Judgement, Mark, SchemaChange, SemanticDiff } from '../contracts/decide/semantic-diff.ts'
import type { Policy } from '../contracts/decide/verdict.ts'
import { EXIT } from './exit.ts'
import { addRegistryOptions, policyOption, type RegistryOptions } from './options.ts'
import { wrongUsage } from './refused.ts'
import { readNamed } from './schema-source.ts'

type DiffOptions = RegistryOptions & { readonly policy?: Policy; readonly exitZero?: true }

export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .summary('what has changed between two schemas, and whom it breaks')
    .description(
      'Lists what has changed between two schemas, and says of each change by itself whom it breaks, with a message that shows it: writers that stay on the older version, whose messages readers with the change refuse; or readers that stay, who refuse what is written with it. Exits 3 where something breaks or is unknown.',
    )
    .argument('<older>', 'a file, or a subject and its version such as votes@1')
    .argument('<newer>', 'the same')
    .addOption(policyOption('strict'))
    .option('--exit-zero', 'exit 0 whatever has changed')
  addRegistryOptions(command, 'concordat diff votes@1 votes@latest').action(diff)
}

async function diff(
  older: string,
  newer: string,
  { policy = 'strict', exitZero, ...options }: DiffOptions,
): Promise<void> {
  const [from, to] = await Promise.all([readNamed(older, options), readNamed(newer, options)])
  const { semanticDiff } = await import('../contracts/decide/semantic-diff.ts')
  const found = semanticDiff(from.schema.root, to.schema.root, { policy })
  if (found.findings.length > 0) {
    const { explain } = await import('../contracts/explain.ts')
    throw wrongUsage('schema.unreadable', found.findings.map((finding) => `${explain(finding)}.`).join('\n'))
  }
  console.log(
    options.json
      ? JSON.stringify({ older: from.name, newer: to.name, ...found })
      : await tell(found, from.name, to.name),
  )
  process.exitCode = exitZero === true || isSafe(found.root.mark) ? EXIT.yes : EXIT.no
}

function isSafe({ forOldData, forOldReaders }: Mark): boolean {
  return forOldData.answer === 'safe' && forOldReaders.answer === 'safe'
}

async function tell({ root, isCut }: SemanticDiff, older: string, newer: string): Promise<string> {
  const { count } = await import('./progress.ts')
  const { paint, printable } = await import('./table.ts')
  const changes = changesIn(root)
  const head =
    changes.length === 0
      ? `${older} and ${newer} say the same.`
      : `From ${older} to ${newer}: ${count(changes.length, 'change')}${isCut ? ', and more that are not told' : ''}.`
  const style = { safe: 'green', breaking: 'red', unknown: 'yellow' } as const
  const line = (who: string, judgement: Judgement) =>
    `  ${who}  ${paint(style[judgement.answer], judgement.answer.padEnd(8))}  ${printable(reasonOf(judgement), LONG)}`.trimEnd()
  const marks = (mark: Mark) => [
    line('writers that stay', mark.forOldData),
    line('readers that stay', mark.forOldReaders),
  ]
  return [
    printable(head, LONG),
    ...changes.flatMap(({ at, change }) => [
      '',
      `${paint('bold', printable(at === '' ? 'the whole' : at, LONG))}  ${printable(wordsOf(change), LONG)}`,
      ...marks(change.mark),
    ]),
    ...(changes.length === 0 ? [] : ['', paint('bold', 'all together'), ...marks(root.mark)]),
  ].join('\n')
}

const LONG = 2000
const LONGEST_VALUE = 120

function changesIn({ at, changes, below }: ChangedPlace): { readonly at: string; readonly change: SchemaChange }[] {
  return [...changes.map((change) => ({ at, change })), ...below.flatMap(changesIn)]
}

function reasonOf(judgement: Judgement): string {
  switch (judgement.answer) {
    case 'safe':
      return ''
    case 'breaking':
      return `by ${JSON.stringify(judgement.witness)}`
    case 'unknown':
      return `reason ${judgement.reason}`
  }
}

/** A change in words, such as `maximum: 5 → 9`. */
function wordsOf({ kind, keyword, name, from, older, newer }: SchemaChange): string {
  const [before, after] = [older, newer].map((side) => (side === undefined ? '' : shown(side.value)))
  if (kind === 'renamed') return `the field \`${from}\` is now \`${name}\`: renamed?`
  if (keyword === 'required') return kind === 'added' ? 'is required now' : 'is no longer required'
  if (keyword === 'properties') return kind === 'added' ? `is a new field: ${after}` : `is gone: ${before}`
  if (keyword === '') return `${before} → ${after}`
  if (kind === 'added') return `${keyword}: ${after} is new`
  return kind === 'removed' ? `${keyword}: ${before} is gone` : `${keyword}: ${before} → ${after}`
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
