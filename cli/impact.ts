import type { Command } from 'commander'
import type { ServiceVersion } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { addRegistryOptions, openApi, policyOption, type RegistryOptions } from './options.ts'
import { count } from './progress.ts'
import { addVersionOptions, findVersion, type VersionOptions } from './subject.ts'
import { paint, printable, tableOf } from './table.ts'

type ImpactOptions = RegistryOptions & VersionOptions & { readonly to: string; readonly policy?: string }

/** What a version would break in an environment, and who lives on those that break. */
type Impact = {
  readonly breaks: readonly (ServiceVersion & {
    readonly channel: string
    readonly reason: string
    readonly text: string
  })[]
  /** Each with the way from a service that breaks, by services and places in turn. */
  readonly affected: readonly { readonly service: string; readonly through: readonly string[] }[]
  /** Everybody who must be told, those first who break. */
  readonly tell: readonly string[]
  /** Whether all that runs there was looked at. */
  readonly isWhole: boolean
}

export function addImpact(program: Command): void {
  const command = addVersionOptions(
    program
      .command('impact')
      .summary('whom a version would break, who lives on them, and who must be told')
      .description(
        'Tells whom this version would break in an environment, who lives on what those write and serve, and so who must be told. It only tells, and exits 0 whatever it finds; can-i-deploy is the gate.',
      ),
  )
    .requiredOption('--to <environment>', 'where it wants to go')
    .addOption(policyOption("the environment's"))
  addRegistryOptions(
    command,
    'concordat impact --to production\nconcordat impact --service vote-api --version 1.4.0 --to production --json',
  ).action(tellImpact)
}

async function tellImpact(options: ImpactOptions): Promise<void> {
  const { to, policy, json } = options
  const own = await findVersion(options)
  const api = await openApi(options)
  const impact = await api.get<Impact>(pathTo('impact'), 'breaks', { ...own, to, policy })
  console.log(json ? JSON.stringify(impact) : tell(impact, own, to))
}

function tell(
  { breaks, affected, tell: told, isWhole }: Impact,
  { service, version }: ServiceVersion,
  to: string,
): string {
  const who = printable(`${service} ${version}`, LONG)
  const partly = isWhole ? '' : '\nMore runs there than was looked at: others may live on these, too.'
  if (breaks.length === 0) return paint('green', `${who} would break nobody in ${printable(to, LONG)}.`)
  const broken = new Set(breaks.map((one) => one.service)).size
  const head = `${who} would break ${count(broken, 'service')} in ${printable(to, LONG)}. Tell ${told.map((name) => printable(name, LONG)).join(', ')}.`
  return [
    paint('red', head) + partly,
    ...breaks.map(({ channel, reason, text, ...one }) =>
      [
        '',
        `${paint('bold', printable(channel, LONG))}  ${printable(`${one.service} ${one.version}`, LONG)}  ${reason}`,
        `  ${printable(text, LONG)}`,
      ].join('\n'),
    ),
    ...(affected.length === 0 ? [] : ['', tableOf(['ALSO TELL', 'SINCE IT LIVES ON'], affected.map(cellsOf))]),
  ].join('\n')
}

const LONG = 2000

function cellsOf({ service, through }: Impact['affected'][number]): string[] {
  return [service, through.join(' → ')].map((cell) => printable(cell, LONG))
}
