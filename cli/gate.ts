import type { GateAnswer } from './api/answers.ts'
import { EXIT } from './exit.ts'
import type { Origins } from './report/gate.ts'
import type { ReportOptions } from './report/options.ts'
import type { Scanned } from './scan/scan.ts'

/** What a gate answered to a command, and what was found among messages that are already written. */
export type Gate = {
  readonly command: string
  readonly answer: GateAnswer
  readonly scanned: readonly Scanned[]
  readonly origins?: Origins
}

/** Tells what a gate answered, and says it with the exit code. */
export async function tellGate({ command, answer, scanned, origins }: Gate, options: ReportOptions): Promise<void> {
  const [{ reportOfGate }, { withBacklog }, { writeReport }] = await Promise.all([
    import('./report/gate.ts'),
    import('./report/backlog.ts'),
    import('./report/write.ts'),
  ])
  const report = withBacklog(reportOfGate(command, answer, origins), scanned)
  const whole = scanned.length === 0 ? answer : { ...answer, answer: report.answer, scanned }
  await writeReport(report, whole, options)
  process.exitCode = report.answer === 'yes' ? EXIT.yes : EXIT.no
}
