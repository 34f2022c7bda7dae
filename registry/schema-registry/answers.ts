import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StoredSchema, SubjectVersion } from '../store/store.ts'
import type { Registered } from '../subjects/register.ts'

/** What this API speaks, the most wanted first. */
export const CONTENT_TYPES = [
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
] as const

/** Answers with JSON under the content type that the client asked for. */
export function answer(request: FastifyRequest, reply: FastifyReply, value: unknown): FastifyReply {
  return answerText(request, reply, JSON.stringify(value))
}

export function answerText(request: FastifyRequest, reply: FastifyReply, text: string): FastifyReply {
  // As bytes, since to text Fastify adds a charset, which these content types do not have.
  return reply.type(contentTypeFor(request.headers.accept)).send(Buffer.from(text))
}

/** Answers with one list of versions, written as they come, since together they may be larger than memory. */
export async function answerInParts(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: AsyncGenerator<SubjectVersion[]>,
): Promise<FastifyReply> {
  // What fails at once is still answered as an error.
  const first = await parts.next()
  const list = Readable.from(writeList(first.done ? [] : first.value, parts), { objectMode: false, highWaterMark: 1 })
  return reply.header('content-type', contentTypeFor(request.headers.accept)).send(list)
}

async function* writeList(first: readonly SubjectVersion[], rest: AsyncIterable<SubjectVersion[]>) {
  let before = '['
  for await (const versions of concatenate(first, rest))
    for (const version of versions) {
      yield Buffer.from(before + JSON.stringify(describeVersion(version)))
      before = ','
    }
  yield Buffer.from(before === '[' ? '[]' : ']')
}

async function* concatenate<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first
  yield* rest
}

/** The content type that the client asked for, of those that this API speaks. */
export function contentTypeFor(accept = ''): string {
  const wanted = new Set(accept.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase()))
  return CONTENT_TYPES.find((type) => wanted.has(type)) ?? CONTENT_TYPES[0]
}

export function describeRegistered({ version, ...schema }: Registered) {
  return { id: schema.id, version, ...describeContent(schema) }
}

export function describeVersion({ subject, version, ...schema }: SubjectVersion) {
  return { subject, version, id: schema.id, ...describeContent(schema) }
}

/** The members that this API gives of a schema. Empty ones are left out. */
export function describeContent({ guid, type, references, metadata, ruleSet, text }: StoredSchema) {
  return {
    guid,
    schemaType: type,
    ...(references.length > 0 && { references }),
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
    schema: text,
  }
}
