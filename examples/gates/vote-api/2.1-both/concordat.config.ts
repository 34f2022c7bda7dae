import { service } from 'concordat/contracts'
import { Votes } from './votes.contract.ts'

export default service('vote-api', { writes: [Votes] })
