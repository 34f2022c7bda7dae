import { parentPort } from 'node:worker_threads'
import { type Question, READY } from './decider.ts'
import { assemble, readDocument } from './document.ts'
import { decideMeeting } from './meeting.ts'

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))

function answer(question: Question) {
  if (question.ask === 'read') return readDocument(question.document, question.carried)
  const { meeting = 'json', ...options } = question.options
  return decideMeeting(assemble(question.writer), assemble(question.reader), meeting, options)
}

// What the first question would load and compile must not count against its time, which is short on a busy machine.
decideMeeting(object('a'), object('b'), 'fields', {})
parentPort?.postMessage(READY)

function object(name: string) {
  return { type: 'object', properties: { [name]: { type: 'string' } }, required: [name] }
}
