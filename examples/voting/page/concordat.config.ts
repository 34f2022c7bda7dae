import { service } from 'concordat/contracts'
import { CastVote } from './vote-api.contract.ts'

export default service('page', { calls: [CastVote] })
