import { runProgram } from '../program.ts'
import { readVoteApiSettings } from '../settings.ts'
import { runVoteApi } from './run.ts'

await runProgram(() => runVoteApi(readVoteApiSettings()))
