import { writeFile } from 'node:fs/promises'
import { wrongUsage } from '../refused.ts'
import { ownVersion } from '../version.ts'
import { annotationReport } from './annotations.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { type Format, type ReportOptions, reportsOf } from './options.ts'
import type { Report } from './report.ts'
import { sarifReport } from './sarif.ts'
import { textReport } from './text.ts'

/** Tells an answer in the forms that the options ask for; `answer` is what `--json` prints. */
export async function writeReport(report: Report, answer: object, options: ReportOptions): Promise<void> {
  for (const { format, file } of reportsOf(options)) {
    const text = render(report, answer, format)
    if (file === undefined) console.log(text)
    else await write(file, text)
  }
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, `${text}\n`).catch((error: Error) => {
    throw wrongUsage('report.not-writable', `The report cannot be written (${error.message}): name another file.`, {
      cause: error,
    })
  })
}

function render(report: Report, answer: object, format: Format): string {
  switch (format) {
    case 'text':
      return textReport(report)
    case 'json':
      return JSON.stringify(answer)
    case 'markdown':
      return markdownReport(report)
    case 'junit':
      return junitReport(report)
    case 'sarif':
      return JSON.stringify(sarifReport(report, ownVersion()), null, 2)
    case 'github':
      return annotationReport(report)
  }
}
