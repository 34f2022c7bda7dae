import type { FastifyReply, preSerializationHookHandler } from 'fastify'
import { type Hooked, type State, stateOf } from './state.ts'

/**
 * Has the contract write the JSON of a response: in one walk the value is checked and copied, and the copy is written, so
 * that its text need not be parsed. Where the app writes its responses in a way of its own, it goes on doing so.
 */
export function writeResponse({ guard }: Hooked): preSerializationHookHandler {
  const isLeftToFastify = findSerializers()
  return (request, reply, payload, done) => {
    const state = stateOf(request)
    if (state && isLeftToFastify(reply)) {
      state.isWriting = true
      reply.serializer((value: unknown) => {
        giveBack(state, reply)
        const text = guard.responses.write(reply.statusCode, value)
        if (text === undefined) return JSON.stringify(value)
        state.written = text
        state.writtenStatus = reply.statusCode
        return text
      })
    }
    done(null, payload)
  }
}

/** What is sent after this, such as an error's answer, is Fastify's to write again. */
export function giveBack(state: State, reply: FastifyReply): void {
  if (!state.isWriting) return
  state.isWriting = false
  // null is what a reply has before anybody sets one; the type does not say so
  reply.serializer(null as never)
}

type Noted = { readonly [symbol: symbol]: unknown }

/**
 * Tells whether neither the reply nor the app has a serializer of its own. Fastify notes them under symbols that it does not
 * give away; where they are not found, nothing is taken over, and every text is parsed.
 */
function findSerializers(): (reply: FastifyReply) => boolean {
  let found: { readonly ofReply: symbol | undefined; readonly ofApp: symbol | undefined } | undefined
  return (reply) => {
    found ??= {
      ofReply: symbolOf(reply, 'fastify.reply.serializer'),
      ofApp: symbolOf(reply.server, 'fastify.replySerializerDefault'),
    }
    const { ofReply, ofApp } = found
    if (ofReply === undefined || ofApp === undefined) return false
    return (reply as unknown as Noted)[ofReply] === null && (reply.server as unknown as Noted)[ofApp] === null
  }
}

function symbolOf(holder: object, description: string): symbol | undefined {
  for (let at: object | null = holder; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const symbol = Object.getOwnPropertySymbols(at).find((candidate) => candidate.description === description)
    if (symbol !== undefined) return symbol
  }
  return undefined
}
