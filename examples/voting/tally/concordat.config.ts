import { service } from 'concordat/contracts'
import { VotesRead } from './votes-read.contract.ts'

export default service('tally', { reads: [VotesRead] })
