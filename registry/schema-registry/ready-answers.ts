import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Kept } from '../kept.ts'
import type { Reads, StoredSchema } from '../store/store.ts'
import { findSchema } from '../subjects/find.ts'
import { contentTypeFor, describeContent } from './answers.ts'

type Ready = { readonly bytes: Buffer; readonly etag: string }
type Answer = (request: FastifyRequest, reply: FastifyReply, id: number) => FastifyReply | Promise<FastifyReply>

export type ReadyAnswers = {
  readonly answerById: Answer
  readonly answerTextById: Answer
  /** Forgets all answers, for when this registry itself takes a schema away. */
  readonly forget: () => void
}

/** How many bytes of answers are kept in memory. */
const BYTES_KEPT = 64 * 1024 * 1024
/** What an answer weighs besides its bytes. */
const ENTRY_BYTES = 300
/** For how long a schema that another registry took away for good may still be answered. */
const REMOVALS_MS = 1000
/** How long one waits for a store that does not answer before what is kept is taken for good. */
const PATIENCE_MS = 250

/** Answers with schemas by id as ready bytes, since they never change: until one is taken away for good, and then all anew. */
export function createReadyAnswers(store: Pick<Reads, 'schemas'>): ReadyAnswers {
  const kept = new Kept<string, Ready>(BYTES_KEPT)
  let forgotten = 0
  const forget = () => {
    forgotten++
    kept.clear()
  }
  const look = watchRemovals(store, forget)

  const answerWith = (kind: string, write: (schema: StoredSchema) => string): Answer => {
    const make = async (request: FastifyRequest, reply: FastifyReply, id: number) => {
      // What is read may be taken away before it is kept.
      const before = forgotten
      const text = write(await findSchema(store.schemas, id))
      const bytes = Buffer.from(text)
      const made = { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
      if (forgotten === before) kept.set(kind + id, made, bytes.length + ENTRY_BYTES)
      return send(request, reply, made)
    }
    const answer: Answer = (request, reply, id) => {
      const known = kept.get(kind + id)
      return known ? send(request, reply, known) : make(request, reply, id)
    }
    return (request, reply, id) => look()?.then(() => answer(request, reply, id)) ?? answer(request, reply, id)
  }
  return {
    answerById: answerWith('', (schema) => JSON.stringify(describeContent(schema))),
    answerTextById: answerWith('text ', ({ text }) => text),
    forget,
  }
}

function send(request: FastifyRequest, reply: FastifyReply, { bytes, etag }: Ready): FastifyReply {
  const { accept, 'if-none-match': known } = request.headers
  reply.header('etag', etag)
  if (known !== undefined && isAmong(etag, known)) return reply.code(304).send()
  return reply.header('content-type', contentTypeFor(accept)).send(bytes)
}

function isAmong(etag: string, known: string): boolean {
  return known === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}

/**
 * Asks the store now and then, and only while there are requests. While it does not answer, what is kept is good. The first
 * request after a quiet time has something to wait for, since much may have been taken away meanwhile.
 */
function watchRemovals(store: Pick<Reads, 'schemas'>, forget: () => void): () => Promise<void> | undefined {
  let seen: number | undefined
  let asked = Number.NEGATIVE_INFINITY
  let asking = false
  const ask = async (): Promise<void> => {
    asking = true
    try {
      const removals = await store.schemas.removals()
      if (seen !== removals) forget()
      seen = removals
    } catch {
      // Whoever needs the store will be told; these answers do not.
    } finally {
      asking = false
    }
  }
  return () => {
    const now = performance.now()
    const quietMs = now - asked
    if (asking || quietMs < REMOVALS_MS) return undefined
    asked = now
    const answered = ask() // mostly in the background; it never rejects
    return quietMs > 2 * REMOVALS_MS ? Promise.race([answered, wait(PATIENCE_MS)]) : undefined
  }
}
