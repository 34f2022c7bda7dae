import { service } from 'concordat/contracts'
import { CastVote, ListenToResults } from './vote-api.contract.ts'

export default service('web', { calls: [CastVote, ListenToResults] })
