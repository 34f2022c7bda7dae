import { expect, test } from 'vitest'
import { decide } from '../../../contracts/index.ts'
import { createDecider } from '../../../registry/index.ts'
import { satisfiability } from '../../support/hostile-schemas.ts'

const writer = { type: 'object', properties: { option: { enum: ['cats', 'dogs'] } }, required: ['option'] }
const reader = { type: 'object', properties: { vote: { type: 'string' } }, required: ['vote'] }
/** Far more steps than anyone has time for. */
const HARD = satisfiability(40, 170, 1).writer
const ENDLESS = { budget: 1_000_000_000 }

test('gives the answers of the engine, each question its own', async () => {
  await using decider = createDecider()
  const answers = await Promise.all([
    decider.decide(writer, reader),
    decider.decide(writer, writer),
    decider.decide(writer, reader, { policy: 'strict' }),
  ])
  expect(answers).toEqual([
    decide(writer, reader),
    decide(writer, writer),
    decide(writer, reader, { policy: 'strict' }),
  ])
})

test('ends a question at its deadline, and answers the next one', async () => {
  await using decider = createDecider({ deadlineMs: 300 })
  const [hard, easy] = await Promise.all([decider.decide(HARD, false, ENDLESS), decider.decide(writer, writer)])
  expect(hard).toMatchObject({ answer: 'unknown', reason: 'clock' })
  expect(easy.answer).toBe('compatible')
})

test('leaves the event loop free while it works', async () => {
  await using decider = createDecider({ deadlineMs: 500 })
  const deciding = decider.decide(HARD, false, ENDLESS)
  const before = performance.now()
  await new Promise((resolve) => setImmediate(resolve))
  expect(performance.now() - before).toBeLessThan(200)
  expect((await deciding).reason).toBe('clock')
})

test('answers what is open when it is closed', async () => {
  const decider = createDecider()
  const open = decider.decide(HARD, false, ENDLESS)
  await decider.close()
  expect(await open).toMatchObject({ answer: 'unknown', reason: 'clock' })
})

test('refuses what would have to wait behind hundreds of others', async () => {
  await using decider = createDecider({ deadlineMs: 2000 })
  const asked = Array.from({ length: 501 }, () => decider.decide(writer, writer))
  await expect(asked.at(-1)).rejects.toMatchObject({ code: 'decider.busy' })
  expect(new Set((await Promise.all(asked.slice(0, -1))).map(({ answer }) => answer))).toEqual(new Set(['compatible']))
})

test('refuses what has waited too long, so that hard questions hold up nobody for minutes', async () => {
  await using decider = createDecider({ deadlineMs: 5500 })
  const hard = decider.decide(HARD, false, ENDLESS)
  await expect(decider.decide(writer, writer)).rejects.toMatchObject({ code: 'decider.busy' })
  expect((await hard).reason).toBe('clock')
  expect((await decider.decide(writer, writer)).answer).toBe('compatible')
})
