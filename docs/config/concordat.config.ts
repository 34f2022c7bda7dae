import { service } from 'concordat/contracts'
import { PostVote, Votes } from './votes.contract.ts'

export default service('vote-api', { writes: [Votes], serves: [PostVote] })
