import { runProgram } from '../program.ts'
import { readWebSettings } from '../settings.ts'
import { runWeb } from './run.ts'

await runProgram(() => runWeb(readWebSettings()))
