import { type Command, InvalidArgumentError } from 'commander'
import type { GateAnswer, ServiceVersion } from './api/answers.ts'
import { type Api, pathTo } from './api/client.ts'
import type { DeclaredContract } from './config/declared.ts'
import { tellGate } from './gate.ts'
import { addRegistryOptions, openApi, policyOption, type RegistryOptions, readDuration } from './options.ts'
import { addReportOptions, type ReportOptions } from './report/options.ts'
import { addScanOptions, type ScanOptions, scan } from './scan/options.ts'
import type { Reader } from './scan/scan.ts'
import { addVersionOptions, findVersion, type VersionOptions } from './subject.ts'

type CanIDeployOptions = RegistryOptions &
  ReportOptions &
  ScanOptions &
  VersionOptions & {
    readonly to?: string
    readonly against?: string
    readonly also?: readonly ServiceVersion[]
    readonly instance?: string
    readonly policy?: string
    readonly atOnce?: true
    readonly start?: true
    readonly expires?: number
    readonly by?: string
  }

export function addCanIDeploy(program: Command): void {
  const command = addVersionOptions(
    program
      .command('can-i-deploy')
      .summary('can this version go where it wants to go? If not, why not')
      .description(
        'Compares what this version writes, reads, serves and calls with all that it would meet in an environment, or on the main branches of the others. Exits 0 for yes, 3 for no.',
      ),
  )
    .option('--to <environment>', 'the environment where it wants to go')
    .option('--against <branches>', '"main": the heads of the main branches of the others')
    .option('--also <service@version>', 'another version that goes with it; may stand several times', readAlso)
    .option('--at-once', 'what runs now of these services stops before they start')
    .option('--instance <name>', 'which of several deployments of the service in the environment it replaces')
    .addOption(policyOption("the environment's"))
    .option('--start', 'on yes, reserve the place until record-deployment, so that nobody else decides otherwise')
    .option('--expires <time>', 'how long the reservation holds, such as 30m', readDuration)
    .option('--by <name>', 'who starts the deployment, for the record')
  addReportOptions(addScanOptions(command))
  addRegistryOptions(
    command,
    'concordat can-i-deploy --to production\nconcordat can-i-deploy --version 1.4.0 --also tally@2.0.0 --to production --report markdown',
  ).action(canIDeploy)
}

async function canIDeploy(options: CanIDeployOptions, command: Command): Promise<void> {
  const { to, against, also = [], instance, policy, atOnce, start, expires, by } = options
  if ((to === undefined) === (against === undefined))
    command.error('error: say where it wants to go: --to <environment>, or --against main')
  if (against !== undefined && against !== 'main')
    command.error('error: --against takes "main", the main branches of the others; an environment is named by --to')
  if (start && to === undefined) command.error('error: --start reserves a place in an environment: say --to')
  if (!start && expires !== undefined) command.error('error: --expires is for the reservation that --start makes')
  const own = await findVersion(options)
  const api = await openApi(options)
  const versions = [own, ...also]
  const scanned = await scan(command, options, () => readersOf(api, versions, options.group))
  const question = {
    versions: [{ ...own, ...(instance !== undefined && { instance }) }, ...also],
    to,
    against,
    policy,
    atOnce,
    // a place is not reserved for what messages in Redis stop
    start: start && scanned.every(({ refused }) => refused === 0),
    expiresInSeconds: start && expires,
    by,
  }
  const answer = await api.post<GateAnswer>(pathTo('can-i-deploy'), 'answer', question, { isIdempotent: true })
  await tellGate({ command: 'can-i-deploy', answer, scanned }, options)
}

/** Who reads in each version that wants to go, by what the registry has of it. */
async function readersOf(api: Api, versions: readonly ServiceVersion[], group: string | undefined): Promise<Reader[]> {
  const found = versions.map(async ({ service, version }) => {
    const path = pathTo('services', service, 'versions', version, 'contracts')
    const { contracts } = await api.get<{ readonly contracts: readonly DeclaredContract[] }>(path, 'contracts')
    return { service, version, contracts, group: group ?? service }
  })
  return Promise.all(found)
}

/** No service's name has an at sign, and a version's may. */
function readAlso(value: string, others: readonly ServiceVersion[] = []): ServiceVersion[] {
  const [, service, version] = /^([^@]+)@(.+)$/s.exec(value) ?? []
  if (service === undefined || version === undefined)
    throw new InvalidArgumentError('It must be a service and a version, such as tally@2.0.0.')
  return [...others, { service, version }]
}
