import type { Command } from 'commander'
import type { Policy } from '../contracts/decide/verdict.ts'
import { addRegistryOptions, policyOption, type RegistryOptions } from './options.ts'
import { addReportOptions, type ReportOptions } from './report/options.ts'
import { addScanOptions, type ScanOptions } from './scan/options.ts'

export type CheckOptions = RegistryOptions &
  ReportOptions &
  ScanOptions & {
    readonly writer?: string
    readonly reader?: string
    readonly against?: string
    readonly config?: string
    readonly policy?: Policy
  }

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .summary('does this working copy fit what runs elsewhere? does one schema fit another?')
    .description(
      'Compares the contracts of this working copy with an environment, the main branches of the others, or another commit; or two schemas: is all that a writer may write fit for a reader? Nothing is published. Exits 0 for yes, 3 for no or unknown.',
    )
    .option('--against <what>', 'an environment, "main" (the main branches of the others), or "git:<ref>"')
    .option('--config <file>', 'the configuration (else concordat.config.ts or concordat.json in this folder)')
    .option('--writer <file>', 'the JSON Schema of what is written')
    .option('--reader <file>', 'the JSON Schema of what is read')
    .addOption(policyOption("the environment's, or as-declared"))
  addReportOptions(addScanOptions(command))
  addRegistryOptions(
    command,
    'concordat check --against production\nconcordat check --against git:main --report github\nconcordat check --writer votes.json --reader tally.json',
  ).action(check)
}

/** Each kind is loaded when it is asked for: two files need neither a registry nor a configuration. */
async function check(options: CheckOptions, command: Command): Promise<void> {
  const { writer, reader, against, config } = options
  const files = [writer, reader].filter((file) => file !== undefined).length
  if (files === 0 && against === undefined)
    command.error('error: say what to compare: --against <what>, or --writer <file> and --reader <file>')
  if (files > 0 && (against !== undefined || config !== undefined))
    command.error('error: two files stand for themselves: leave --against and --config out')
  if (options.scan && (against === undefined || against.startsWith('git:')))
    command.error('error: --scan stands beside a question to the registry: --against <environment> or main')
  if (against === undefined) {
    if (writer === undefined) return command.error("error: required option '--writer <file>' not specified")
    if (reader === undefined) return command.error("error: required option '--reader <file>' not specified")
    return (await import('./check/files.ts')).checkFiles(writer, reader, options)
  }
  if (against.startsWith('git:'))
    return (await import('./check/commit.ts')).checkCommit(against.slice('git:'.length), options)
  return (await import('./check/registry.ts')).checkRegistry(against, options, command)
}
