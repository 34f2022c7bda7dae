import { type Command, InvalidArgumentError } from 'commander'

export const FORMATS = ['text', 'json', 'markdown', 'junit', 'sarif', 'github'] as const
export type Format = (typeof FORMATS)[number]

/** One report that is asked for, and the file that it goes to; stdout where none is named. */
export type ReportWish = { readonly format: Format; readonly file?: string }

/** How an answer is told, and where. */
export type ReportOptions = {
  readonly json?: true
  readonly report?: readonly ReportWish[]
  readonly reportFile?: string
}

export function addReportOptions(command: Command): Command {
  return command
    .option(
      '--report <format[=file]>',
      `how to tell the answer: ${FORMATS.join(', ')}; markdown is for a comment, github for annotations. May stand several times`,
      readReport,
    )
    .option('--report-file <file>', 'the file for the last --report that names none')
}

/** The reports that are asked for, each with its place; there is one on stdout in any case. */
export function reportsOf({ json, report = [], reportFile }: ReportOptions): ReportWish[] {
  const wishes: ReportWish[] = [...report]
  const last = wishes.findLastIndex(({ file }) => file === undefined)
  if (reportFile !== undefined && last === -1) wishes.push({ format: 'text', file: reportFile })
  const placed = wishes.map((wish, i) =>
    i === last && reportFile !== undefined ? { ...wish, file: reportFile } : wish,
  )
  const files = placed.filter(({ file }) => file !== undefined)
  const here = placed.findLast(({ file }) => file === undefined)?.format ?? 'text'
  return [...files, { format: json ? 'json' : here }]
}

function readReport(value: string, others: readonly ReportWish[] = []): ReportWish[] {
  const [, format = '', file] = /^(\w+)(?:=(.+))?$/s.exec(value) ?? []
  const known = FORMATS.find((name) => name === format)
  if (known === undefined)
    throw new InvalidArgumentError(
      `It must be one of ${FORMATS.join(', ')}, or that with a file, such as sarif=out.sarif.`,
    )
  return [...others, { format: known, ...(file !== undefined && { file }) }]
}
