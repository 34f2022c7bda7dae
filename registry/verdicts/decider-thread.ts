import { parentPort } from 'node:worker_threads'
import { decide } from '../../contracts/index.ts'
import { type Question, READY } from './decider.ts'

parentPort?.on('message', ({ writer, reader, options }: Question) => {
  parentPort?.postMessage(decide(writer, reader, options))
})

parentPort?.postMessage(READY)
