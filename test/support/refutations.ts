import { decide, type Policy, type Verdict } from '../../contracts/index.ts'
import type { Json } from '../../contracts/json.ts'
import { asDeclared } from '../../contracts/schema/as-declared.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import { readSchema } from '../../contracts/schema/read.ts'
import { ajvJudge, hyperjumpJudge, isHardForAjv, type Judge } from './judges.ts'
import { messagesNear } from './messages-near.ts'

/** What stands against a verdict: a witness that a judge refuses, or a message that breaks a `compatible`. */
export type Refutation = { readonly against: string; readonly message: Json }

type Question = {
  readonly writer: JsonSchema
  readonly reader: JsonSchema
  readonly policy: Policy
  readonly seed: number
  readonly messages: number
}

/** Judges a verdict by others than the engine; empty when nothing speaks against it. */
export async function refutationsOf(verdict: Verdict, question: Question): Promise<Refutation[]> {
  const writer = question.policy === 'strict' ? question.writer : closed(question.writer)
  switch (verdict.answer) {
    case 'incompatible':
      return refuteWitness(verdict, writer, question.reader)
    case 'compatible':
      return refuteYes(writer, question)
    case 'unknown':
      return verdict.reason === undefined ? [{ against: 'unknown without a reason', message: null }] : []
  }
}

export function decideAndRefute(question: Question): Promise<Refutation[]> {
  return refutationsOf(decide(question.writer, question.reader, { policy: question.policy }), question)
}

function closed(writer: JsonSchema): JsonSchema {
  const { schema } = readSchema(writer)
  if (schema === undefined) throw new Error(`No schema: ${JSON.stringify(writer)}`)
  return asDeclared(schema).root
}

async function refuteWitness({ witness }: Verdict, writer: JsonSchema, reader: JsonSchema): Promise<Refutation[]> {
  if (witness === undefined) return [{ against: 'incompatible without a witness', message: null }]
  const isWritten = await mayBe(true, writer, witness, ajvJudge(writer))
  const isRefused = await mayBe(false, reader, witness, ajvJudge(reader))
  return [
    ...(isWritten ? [] : [{ against: 'the witness is not valid for the writer', message: witness }]),
    ...(isRefused ? [] : [{ against: 'the witness is not invalid for the reader', message: witness }]),
  ]
}

async function refuteYes(writer: JsonSchema, question: Question): Promise<Refutation[]> {
  const { reader, seed, messages } = question
  const [writes, reads] = [ajvJudge(writer), ajvJudge(reader)]
  const breaking = messagesNear(question.writer, reader, seed, messages).filter(
    (message) => writes(message) === true && reads(message) === false,
  )
  if (breaking.length === 0) return []
  const [alsoWrites, alsoReads] = [await secondJudge(writer), await secondJudge(reader)]
  return breaking
    .filter((message) => (alsoWrites?.(message) ?? true) === true && (alsoReads?.(message) ?? false) === false)
    .slice(0, 1)
    .map((message) => ({ against: 'a message that the writer may write breaks the reader', message }))
}

/** Asked only where ajv is known to err. */
async function secondJudge(schema: JsonSchema): Promise<Judge | undefined> {
  return isHardForAjv(schema) ? hyperjumpJudge(schema) : undefined
}

/** What ajv says must be so; where it breaks or is known to err, the other judge's word is enough. */
async function mayBe(expected: boolean, schema: JsonSchema, message: Json, first: Judge): Promise<boolean> {
  const said = first(message)
  if (said === expected) return true
  return (said === 'unsure' || isHardForAjv(schema)) && (await hyperjumpJudge(schema))(message) === expected
}
