import type { UnknownReason, Verdict } from './decide/verdict.ts'
import { explain } from './explain.ts'
import type { Finding } from './finding.ts'
import { stepsOf } from './json.ts'
import { listed } from './keyword-words.ts'

/** How people call the two sides of a verdict. */
export type Sides = { readonly writer: string; readonly reader: string }

/** The whole reasoning of a verdict in words: the answer, the reasons, what would happen, the likely cause, what to do. */
export function explainVerdict(verdict: Verdict, sides: Sides): string[] {
  switch (verdict.answer) {
    case 'compatible':
      return [...tellYes(sides), ...tellFindings(verdict.findings), ...tellCondition(verdict, sides)]
    case 'incompatible':
      return [
        ...tellNo(verdict, sides),
        ...tellFindings(verdict.findings),
        ...tellWitness(verdict, sides),
        ...tellCause(verdict.findings),
        ...tellNext(verdict.findings, sides),
        ...tellCondition(verdict, sides),
      ]
    case 'unknown':
      return [...tellUnknown(verdict, sides), ...tellFindings(verdict.findings)]
  }
}

function tellYes({ writer, reader }: Sides): string[] {
  return [`Yes: ${reader} reads all that ${writer} may write. That is proved for every message, not only for examples.`]
}

function tellNo({ findings }: Verdict, { writer, reader }: Sides): string[] {
  const reasons = findings.length === 1 ? 'one reason' : `${findings.length} reasons`
  return [`No: ${reader} refuses some of what ${writer} may write, for ${reasons}:`]
}

function tellFindings(findings: readonly Finding[]): string[] {
  return findings.map((finding) => `- ${sentence(explain(finding))}`)
}

function sentence(words: string): string {
  return /[.?!]$/.test(words) ? words : `${words}.`
}

function tellWitness({ witness, wire }: Verdict, { writer, reader }: Sides): string[] {
  const entry = wire?.map(([name, text]) => `${name} ${JSON.stringify(text)}`).join(' ')
  return [
    `For example ${JSON.stringify(witness)}: ${writer} may write it, and ${reader} refuses it. ajv, an engine that is not ours, says the same of both.`,
    ...(entry === undefined ? [] : [`On the stream it would lie as: ${entry}`]),
    `If both run, every message of this kind stops at ${reader}. Behind a guard it becomes a dead letter: kept whole, and done nothing with until somebody sends it again. Without a guard, what happens is up to ${reader}.`,
  ]
}

/** Renames are proposed and never asserted: whoever changed the field knows. */
function tellCause(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ at, suggestion }) => {
    if (suggestion === undefined) return []
    if ('rename' in suggestion)
      return [
        `The likely cause: \`${suggestion.rename.from}\` and \`${suggestion.rename.to}\` are one field under two names. Its values fit, and under the other name the whole message would pass; but it is a guess.`,
      ]
    const names = suggestion.candidates.map((name) => `\`${name}\``)
    return [
      `The likely cause: \`${nameAt(at)}\` was renamed. ${listed(names, 'and')} would fit equally well, so none is proposed.`,
    ]
  })
}

function tellNext(findings: readonly Finding[], sides: Sides): string[] {
  const renamed = new Set(
    findings.flatMap(({ suggestion }) => (suggestion && 'rename' in suggestion ? [suggestion.rename.from] : [])),
  )
  // what mends the rename mends that its old name is not read
  const open = findings.filter(({ code, at }) => code !== 'field.not-read' || !renamed.has(nameAt(at)))
  const advice = [...new Set(open.map((finding) => adviceFor(finding, sides)))]
  return advice.map((one) => `To mend it: ${one}.`)
}

function adviceFor({ code, at, suggestion }: Finding, { writer, reader }: Sides): string {
  const name = `\`${nameAt(at)}\``
  if (code === 'field.never-written' && suggestion && 'rename' in suggestion)
    return `let ${reader} read \`${suggestion.rename.from}\`, or let ${writer} write ${name} beside it until all readers have moved`
  if (code === 'field.never-written') return `let ${writer} write ${name}, or let ${reader} do without it`
  if (code === 'field.not-always-written') return `require ${name} of ${writer}, or make it optional for ${reader}`
  if (code === 'field.not-read')
    return `let ${reader} declare ${name}, or allow other fields, before ${writer} sends it`
  if (code === 'field.may-be-undeclared')
    return `close the schema of ${writer}, or ask as declared where its producer has a guard`
  const [there, again] = at === '' ? ['', ''] : [` at ${at}`, ' there']
  return `let ${reader} take more${there}, or let ${writer} write less${again}`
}

function nameAt(at: string): string {
  return stepsOf(at).at(-1) ?? 'the whole'
}

function tellCondition({ answer, policy, onlyAsDeclared }: Verdict, { writer }: Sides): string[] {
  if (!onlyAsDeclared) return []
  return answer === 'compatible'
    ? [
        `It holds as long as ${writer} sends only what it declares. Our producer's guard enforces that; a writer without one may also send undeclared fields, and then the answer is no.`,
      ]
    : [
        `Asked under ${policy}, where ${writer} may send whatever its open schema allows. If it sends only what it declares, the answer is yes.`,
      ]
}

function tellUnknown({ reason = 'beyond-engine' }: Verdict, { writer, reader }: Sides): string[] {
  return [
    `Unknown: it is not proved that ${reader} reads all that ${writer} may write, and no message was found that shows the contrary.`,
    WHY_UNKNOWN[reason],
  ]
}

const WHY_UNKNOWN: { readonly [reason in UnknownReason]: string } = {
  'writer-unreadable': "The writer's schema cannot be read. Mend it first:",
  'reader-unreadable': "The reader's schema cannot be read. Mend it first:",
  'writer-empty':
    'No message keeps the writer\'s schema once it sends only what it declares, so there is nothing to judge. Declare every required field under "properties".',
  'beyond-engine':
    'A schema uses something that this engine cannot judge there. Say it more simply, or look at the two schemas yourself.',
  'too-intricate':
    'What the schemas ask for together is more than the engine tells apart. Say it more simply, or look at the two schemas yourself.',
  pattern:
    'The answer hangs on a pattern that is no plain regular language, or too large as one. A simpler pattern would be decided.',
  format: 'The answer hangs on a format. Use the same format on both sides, or a pattern.',
  'number-precision':
    'The answer hangs on numbers that floating point cannot tell apart. Use smaller numbers, or text.',
  budget: 'The search took more steps than it may, as it would on every machine. Say the schemas more simply.',
  clock: 'The time was up before the search was. Ask again, with more time.',
  'witness-unconfirmed':
    'Something seems to clash, but no message was found that ajv confirms. Look at the reasons, and say the schemas more simply where you can:',
}
