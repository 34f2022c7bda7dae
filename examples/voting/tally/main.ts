import { runProgram } from '../program.ts'
import { readTallySettings } from '../settings.ts'
import { runTally } from './run.ts'

await runProgram(() => runTally(readTallySettings()))
