import { expect, test } from 'vitest'
import { createEngine, type Side, verdictKey } from '../../../registry/verdicts/engine.ts'
import { meetingOf } from '../../../registry/verdicts/meeting.ts'
import { satisfiability } from '../../support/hostile-schemas.ts'

/** A side that counts how often its document was asked for. */
function side(schema: unknown, fingerprint = JSON.stringify(schema)): Side & { readonly asked: () => number } {
  let asked = 0
  const document = async () => {
    asked++
    return { text: JSON.stringify(schema), documents: {} }
  }
  return { fingerprint, document, asked: () => asked }
}

function numbered(type: string): Side {
  return side({ type: 'object', properties: { n: { type } }, required: ['n'] })
}

const STRING = { type: 'string' }
const ANYTHING = {}
/** More steps than there is time for. */
const HARD = satisfiability(40, 170, 1).writer

test('decides, and remembers what it decided', async () => {
  await using engine = createEngine()
  const [writer, reader] = [side(STRING), side(ANYTHING)]
  expect(engine.recall(writer, reader, 'strict')).toBeUndefined()
  const verdict = await engine.decide(writer, reader, 'strict')
  expect(verdict).toMatchObject({ answer: 'compatible', policy: 'strict' })
  expect(engine.recall(writer, reader, 'strict')).toEqual(verdict)
  expect(await engine.decide(writer, reader, 'strict')).toEqual(verdict)
  expect(writer.asked()).toBe(1)
})

test('a verdict is one of its two sides, their order and the policy', async () => {
  await using engine = createEngine()
  const [writer, reader] = [side(STRING), side(ANYTHING)]
  await engine.decide(writer, reader, 'strict')
  expect(engine.recall(reader, writer, 'strict')).toBeUndefined()
  expect(engine.recall(writer, reader, 'as-declared')).toBeUndefined()
  expect(await engine.decide(reader, writer, 'strict')).toMatchObject({ answer: 'incompatible' })
})

test('a verdict is one of how its two sides meet, and may be remembered from elsewhere', async () => {
  await using engine = createEngine()
  const [writer, reader] = [numbered('integer'), numbered('string')]
  expect(await engine.decide(writer, reader, 'as-declared')).toMatchObject({ answer: 'incompatible' })
  expect(await engine.decide(writer, reader, 'as-declared', 'fields')).toMatchObject({ answer: 'compatible' })
  const meeting = meetingOf({ encoding: 'fields' }, { encoding: 'json', field: 'data' })
  expect(engine.recall(writer, reader, 'as-declared', meeting)).toBeUndefined()
  const verdict = { answer: 'unknown', policy: 'as-declared', engine: '1', findings: [] } as const
  engine.remember(verdictKey(writer, reader, 'as-declared', meeting), verdict)
  expect(await engine.decide(writer, reader, 'as-declared', meeting)).toEqual(verdict)
})

test('a question that is asked again before it is answered is asked once', async () => {
  await using engine = createEngine()
  const [writer, reader] = [side(STRING), side(ANYTHING)]
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => engine.decide(writer, reader, 'strict')))
  expect(new Set(verdicts).size).toBe(1)
  expect(reader.asked()).toBe(1)
})

test('what the clock prevented is asked again', async () => {
  await using engine = createEngine({ deadlineMs: 1 })
  const [writer, reader] = [side(HARD), side(false)]
  expect(await engine.decide(writer, reader, 'strict')).toMatchObject({ answer: 'unknown', reason: 'clock' })
  expect(engine.recall(writer, reader, 'strict')).toBeUndefined()
  expect(await engine.decide(writer, reader, 'strict')).toMatchObject({ reason: 'clock' })
  expect(writer.asked()).toBe(2)
})

test('what the budget prevented is remembered, since it is the same every time', async () => {
  await using engine = createEngine({ deadlineMs: 20_000 })
  const [writer, reader] = [side(HARD), side(false)]
  await engine.decide(writer, reader, 'strict')
  expect(engine.recall(writer, reader, 'strict')).toMatchObject({ answer: 'unknown', reason: 'budget' })
})

test('remembers a few large verdicts only, and many small ones', async () => {
  await using engine = createEngine({ deadlineMs: 20_000 })
  const large = Array.from({ length: 40 }, (_, i) => side({ const: `${i}`.padEnd(1_000_000, 'x') }, `large ${i}`))
  const reader = side({ type: 'number' })
  for (const writer of large) await engine.decide(writer, reader, 'strict')
  const remembered = large.filter((writer) => engine.recall(writer, reader, 'strict'))
  expect(remembered.length).toBeGreaterThan(5)
  expect(remembered.length).toBeLessThan(40)
  expect(remembered.at(-1)).toBe(large.at(-1))
})

test('a document that cannot be had fails the question, and the next one asks anew', async () => {
  await using engine = createEngine()
  const writer = side(STRING)
  const away: Side = { fingerprint: 'away', document: () => Promise.reject(new Error('away')) }
  await expect(engine.decide(writer, away, 'strict')).rejects.toThrow('away')
  expect(await engine.decide(writer, { ...side(ANYTHING), fingerprint: 'away' }, 'strict')).toMatchObject({
    answer: 'compatible',
  })
})

test.each([
  ['small', JSON.stringify(STRING)],
  ['large', JSON.stringify({ ...STRING, description: 'x'.repeat(100_000) })],
  ['nested as deeply as is allowed', `${'{"not":'.repeat(498)}{}${'}'.repeat(498)}`],
])('reads a %s document', async (_what, text) => {
  await using engine = createEngine()
  const read = await engine.read({ text, documents: {} })
  expect(read).toMatchObject({ fingerprint: expect.stringMatching(/^[\da-f]{64}$/) })
})

test('answers undefined for a document that takes too long to read', async () => {
  await using engine = createEngine({ deadlineMs: 0 })
  const text = JSON.stringify({ default: Array.from({ length: 500_000 }, () => 1) })
  expect(await engine.read({ text, documents: {} })).toBeUndefined()
})
