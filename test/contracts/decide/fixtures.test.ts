import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { decide, type Policy, type Verdict } from '../../../contracts/index.ts'
import type { JsonSchema } from '../../../contracts/schema/keywords.ts'
import { refutationsOf } from '../../support/refutations.ts'

/** Without `asDeclared`, the two policies differ in what nobody has settled. */
type Answers = { readonly strict: Verdict['answer']; readonly asDeclared?: Verdict['answer'] }

/** One pair of schemas and what is true of it, in both directions. */
type Fixture = Answers & {
  readonly title: string
  readonly writer: JsonSchema
  readonly reader: JsonSchema
  /** The answers when writer and reader change places. */
  readonly reverse?: Answers
  /** What the strict verdict must find, among other things. */
  readonly finding?: { readonly code?: string; readonly at?: string }
  /** Why the engine may also say that it does not know. */
  readonly orUnknown?: string
}

const folder = join(import.meta.dirname, '../../fixtures/decide')
const files = globSync('*.json', { cwd: folder }).sort()

const cases = files.flatMap((file) =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Fixture[]).map((fixture) => ({
    ...fixture,
    keyword: basename(file, '.json'),
  })),
)

test.each(cases.flatMap(questionsOf))('$title ($policy)', async ({ writer, reader, policy, answers }) => {
  const verdict = decide(writer, reader, { policy })
  expect(answers).toContain(verdict.answer)
  expect(await refutationsOf(verdict, { writer, reader, policy, seed: 1, messages: 100 })).toEqual([])
})

test.each(cases.flatMap(({ finding, ...rest }) => (finding ? [{ finding, ...rest }] : [])))(
  '$keyword: $title: the finding names the place',
  ({ writer, reader, finding }) => {
    const { findings } = decide(writer, reader, { policy: 'strict' })
    expect(findings).toContainEqual(expect.objectContaining(finding))
  },
)

type Question = {
  readonly title: string
  readonly writer: JsonSchema
  readonly reader: JsonSchema
  readonly policy: Policy
  readonly answers: readonly Verdict['answer'][]
}

function questionsOf(fixture: Fixture & { readonly keyword: string }): Question[] {
  const { keyword, writer, reader, reverse } = fixture
  const title = `${keyword}: ${fixture.title}`
  return [
    ...inBothPolicies({ title, writer, reader }, fixture, fixture.orUnknown),
    ...(reverse
      ? inBothPolicies({ title: `${title}, reversed`, writer: reader, reader: writer }, reverse, fixture.orUnknown)
      : []),
  ]
}

function inBothPolicies(
  question: Pick<Question, 'title' | 'writer' | 'reader'>,
  { strict, asDeclared }: Answers,
  orUnknown: string | undefined,
): Question[] {
  const hedge = orUnknown === undefined ? [] : (['unknown'] as const)
  return [
    { ...question, policy: 'strict', answers: [strict, ...hedge] },
    ...(asDeclared === undefined
      ? []
      : [{ ...question, policy: 'as-declared' as const, answers: [asDeclared, ...hedge] }]),
  ]
}
