export { MessageRefused, ProducerClosed, SendFailed } from './errors.ts'
export type { Producer } from './producer.ts'
export { producer } from './producer.ts'
