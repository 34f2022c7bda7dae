import { runProgram } from '../program.ts'
import { readTallySettings } from '../settings.ts'
import { runTally } from '../tally/run.ts'
import { startTally } from './tally.ts'

await runProgram(() => runTally(readTallySettings(), startTally))
