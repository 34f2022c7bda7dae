import type { Command } from 'commander'
import type { Deployment, EnvironmentShown, Reservation } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { addRegistryOptions, openApi, type RegistryOptions } from './options.ts'
import { addVersionOptions, findService, findVersion, type VersionOptions } from './subject.ts'
import { printable } from './table.ts'

type RecordOptions = RegistryOptions &
  VersionOptions & {
    readonly to: string
    readonly instance?: string
    readonly undeploy?: true
    readonly abandon?: true
  }

type Recorded = {
  readonly deployment?: Deployment
  readonly ended: readonly Deployment[]
  readonly closed?: readonly Reservation[]
}

export function addRecordDeployment(program: Command): void {
  const command = addVersionOptions(
    program
      .command('record-deployment')
      .summary('tell the registry that a version runs in an environment, or no longer does')
      .description(
        'Records that this version runs in an environment from now on, in the place of the one before it. Doing it again changes nothing.',
      ),
  )
    .requiredOption('--to <environment>', 'where it runs')
    .option('--instance <name>', 'which of several deployments of the service there')
    .option('--abandon', 'record that it did not come to run there: give up what can-i-deploy --start reserved for it')
    .option('--undeploy', 'record that the service no longer runs there, in whatever version')
  addRegistryOptions(
    command,
    'concordat record-deployment --to production\nconcordat record-deployment --to test --undeploy',
  ).action(record)
}

async function record(options: RecordOptions, command: Command): Promise<void> {
  const { to, json, undeploy: isUndeployed, abandon: isAbandoned } = options
  if (isUndeployed && isAbandoned) command.error('error: --undeploy and --abandon are two things: say one of them')
  if (isUndeployed && options.version !== undefined)
    command.error('error: --undeploy ends whatever version runs there: leave --version out')
  if (isAbandoned) {
    const abandoned = await abandon(options)
    return console.log(json ? JSON.stringify({ abandoned }) : printable(tellAbandoned(abandoned, to), LONG))
  }
  const recorded = isUndeployed ? await undeploy(options) : await deploy(options)
  console.log(json ? JSON.stringify(recorded) : printable(tell(recorded, to), LONG))
}

const LONG = 2000

async function deploy(options: RecordOptions): Promise<Recorded> {
  const { to, instance } = options
  const own = await findVersion(options)
  const api = await openApi(options)
  const body = { ...own, ...(instance !== undefined && { instance }) }
  return api.post<Recorded>(pathTo('environments', to, 'deployments'), 'deployment', body, { isIdempotent: true })
}

async function undeploy(options: RecordOptions): Promise<Recorded> {
  const { to, instance } = options
  const service = await findService(options)
  const api = await openApi(options)
  return api.remove<Recorded>(pathTo('environments', to, 'deployments', service), 'ended', { instance })
}

/** Gives up every place that is reserved for the version there, by whichever of its attempts. */
async function abandon(options: RecordOptions): Promise<readonly Reservation[]> {
  const { to, instance } = options
  const own = await findVersion(options)
  const api = await openApi(options)
  const { reservations } = await api.get<EnvironmentShown>(pathTo('environments', to), 'reservations')
  const mine = reservations.filter(
    (one) => one.service === own.service && one.version === own.version && one.instance === instance,
  )
  await Promise.all(
    mine.map(({ id }) =>
      api.remove<{ readonly reservation: Reservation }>(pathTo('reservations', String(id)), 'reservation'),
    ),
  )
  return mine
}

function tellAbandoned(abandoned: readonly Reservation[], to: string): string {
  const [first] = abandoned
  return first === undefined
    ? `Nothing is reserved for it in ${to}.`
    : `${nameOf(first)} no longer has a place reserved in ${to}.`
}

function tell({ deployment, ended, closed = [] }: Recorded, to: string): string {
  const gone = ended.map(nameOf).join(', ')
  if (deployment === undefined) return `${gone || 'Nothing'} no longer runs in ${to}.`
  const replaced = gone === '' ? '' : `, in the place of ${gone}`
  const reserved = closed.length === 0 ? '' : ' Its reservation is closed.'
  return `${nameOf(deployment)} runs in ${to}${replaced}.${reserved}`
}

function nameOf({ service, version, instance }: Pick<Deployment, 'service' | 'version' | 'instance'>): string {
  return `${service} ${version}${instance === undefined ? '' : ` (${instance})`}`
}
