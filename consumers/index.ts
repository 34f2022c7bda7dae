export type { Consumer, ConsumerOptions, Parked } from './consumer.ts'
export { consumer } from './consumer.ts'
