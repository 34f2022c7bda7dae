import { service } from 'concordat/contracts'
import { PostVote } from './post-vote.contract.ts'
import { GetLiveResults, GetResults } from './results.contract.ts'
import { Votes } from './votes.contract.ts'

export default service('vote-api', { writes: [Votes], serves: [PostVote, GetResults, GetLiveResults] })
