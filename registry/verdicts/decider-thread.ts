import { parentPort } from 'node:worker_threads'
import { decide } from '../../contracts/index.ts'
import { type Question, READY } from './decider.ts'
import { assemble, readDocument } from './document.ts'

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))

function answer(question: Question) {
  if (question.ask === 'read') return readDocument(question.document)
  return decide(assemble(question.writer), assemble(question.reader), question.options)
}

parentPort?.postMessage(READY)
