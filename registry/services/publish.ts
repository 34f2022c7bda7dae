import { setImmediate as nextTurn } from 'node:timers/promises'
import { errorAt, registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { ContractTerms, ServiceVersion, StoredContract, VersionName } from '../store/services.ts'
import type { SchemaContent, Transaction } from '../store/store.ts'
import { accept, contentOf, FINDINGS_TOLD, inWords } from '../subjects/content.ts'
import { prepareRegistering, type RegisterWithin } from '../subjects/register.ts'
import { channelOf, directionOf } from './channel.ts'
import { checkService, checkText, checkVersion } from './names.ts'
import type { SentContract } from './sent.ts'

export type Arrival = VersionName & { readonly branch?: string | undefined; readonly buildUrl?: string | undefined }

export type Published = {
  readonly version: ServiceVersion
  readonly contracts: readonly StoredContract[]
  readonly isNew: boolean
}

/** One contract, read: its schema is one, and its encoding carries it. */
export type ReadContract = { readonly sent: SentContract; readonly content: SchemaContent }

/** How often publishing begins anew because others have changed a subject meanwhile. */
const MOST_ATTEMPTS = 20

/**
 * Publishes all contracts of a version, in one write. What has been published stays: the same again changes nothing but the
 * branches and the build URL, and something else is refused.
 */
export async function publishContracts(
  registry: Registry,
  arrival: Arrival,
  sent: readonly SentContract[],
): Promise<Published> {
  checkArrival(arrival)
  const contracts = await readContracts(registry, sent)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const known = await registry.store.services.version(arrival)
    const registering = known?.publishedAt === undefined ? await prepareSubjects(registry, contracts) : NOTHING
    const published = await registry.store
      .write((transaction) => publishWithin(transaction, arrival, { contracts, registering }))
      .catch(forgiveChange)
    if (published) return published
  }
  const subjects = contracts.flatMap(({ sent: { subject } }) => subject ?? [])
  throw registryError('subject.contended', { subject: subjects.join(', '), attempts: MOST_ATTEMPTS })
}

/** Makes a version where it is not there, and puts it on a branch. */
export async function putVersion(
  { store }: Registry,
  arrival: Arrival,
): Promise<{ readonly version: ServiceVersion; readonly isNew: boolean }> {
  checkArrival(arrival)
  return store.write(async ({ services }) => {
    const isNew = (await services.version(arrival)) === undefined
    return { version: await arrive({ services }, arrival), isNew }
  })
}

function checkArrival({ service, version, branch, buildUrl }: Arrival): void {
  checkService(service)
  checkVersion(version)
  if (branch !== undefined) checkText('a branch', branch)
  if (buildUrl !== undefined && !isWebAddress(buildUrl))
    throw registryError('request.malformed', {
      reason: 'its buildUrl is no address that begins with http:// or https://',
    })
}

/** Others will click on it. */
function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return (url?.protocol === 'http:' || url?.protocol === 'https:') && text.length <= 2000 && !/[\p{Cc}\s]/u.test(text)
}

export async function readContracts(registry: Registry, sent: readonly SentContract[]): Promise<ReadContract[]> {
  const read: ReadContract[] = []
  for (const contract of sent) {
    read.push(await readOne(registry, contract))
    // Small schemas are read on the event loop, and there may be a thousand of them.
    if (read.length % 10 === 0) await nextTurn()
  }
  return read
}

async function readOne({ engine }: Registry, sent: SentContract): Promise<ReadContract> {
  const { schema, verb, part, encoding, headers, schemaAt } = sent
  const channel = channelOf(sent)
  const carried = encoding === 'http' ? undefined : { channel, direction: directionOf(verb, part), encoding, headers }
  try {
    if (!schema.isWellFormed()) throw registryError('schema.refused', { reasons: 'its text is ill-formed Unicode' })
    const found = await engine.read({ text: schema, documents: {} }, carried)
    if (found?.findings && found.isCarried === false)
      throw registryError('contract.refused', {
        channel,
        reasons: inWords(found.findings),
        findings: found.findings.slice(0, FINDINGS_TOLD),
      })
    return { sent, content: contentOf(schema, accept(found).fingerprint) }
  } catch (error) {
    throw errorAt(error, schemaAt)
  }
}

type Subjects = ReadonlyMap<SentContract, RegisterWithin>
const NOTHING: Subjects = new Map()

/** What names a subject becomes a version of it, and has to pass its compatibility check. */
async function prepareSubjects(registry: Registry, contracts: readonly ReadContract[]): Promise<Subjects> {
  const prepared = new Map<SentContract, RegisterWithin>()
  for (const { sent } of contracts) {
    if (sent.subject === undefined) continue
    try {
      prepared.set(sent, await prepareRegistering(registry, sent.subject, sent.schema))
    } catch (error) {
      throw errorAt(error, `${sent.at}/subject`)
    }
  }
  return prepared
}

/** A subject has changed since it was compared, or nothing was compared because the version had been published. */
class SubjectChanged extends Error {}

function forgiveChange(error: unknown): undefined {
  if (!(error instanceof SubjectChanged)) throw error
}

async function publishWithin(
  transaction: Transaction,
  arrival: Arrival,
  { contracts, registering }: { readonly contracts: readonly ReadContract[]; readonly registering: Subjects },
): Promise<Published> {
  const { services } = transaction
  const known = await services.version(arrival)
  const isNew = known?.publishedAt === undefined
  if (!isNew) refuseDifference(arrival, await services.contracts(arrival), contracts)
  const version = await arrive(transaction, arrival)
  if (isNew) await services.publish(arrival, await keepSchemas(transaction, contracts, registering))
  return { version: (await services.version(arrival)) ?? version, contracts: await services.contracts(arrival), isNew }
}

async function keepSchemas(
  transaction: Transaction,
  contracts: readonly ReadContract[],
  registering: Subjects,
): Promise<ContractTerms[]> {
  const plain = contracts.filter(({ sent }) => sent.subject === undefined)
  const ids = await transaction.schemas.keepAll(plain.map(({ content }) => content))
  const kept = plain.map(({ sent, content }, i) => termsOf(sent, content, { schemaId: ids[i] ?? 0 }))
  for (const { sent, content } of contracts) {
    if (sent.subject === undefined) continue
    const registered = await registering.get(sent)?.(transaction)
    if (registered === undefined) throw new SubjectChanged()
    kept.push(termsOf(sent, content, { schemaId: registered.id, subjectVersion: registered.version }))
  }
  return kept
}

function termsOf(
  { at: _at, schemaAt: _schemaAt, schema: _schema, ...terms }: SentContract,
  { fingerprint }: SchemaContent,
  numbers: { readonly schemaId: number; readonly subjectVersion?: number },
): ContractTerms {
  return { ...terms, fingerprint, ...numbers }
}

/** A service's first branch of these names is its main branch until somebody says otherwise. */
const MAIN_BRANCHES = new Set(['main', 'master', 'develop'])

async function arrive(
  { services }: Pick<Transaction, 'services'>,
  { service, version, branch, buildUrl }: Arrival,
): Promise<ServiceVersion> {
  const known = await services.service(service)
  const isMain = branch !== undefined && MAIN_BRANCHES.has(branch) && known?.mainBranch === undefined
  if (!known || isMain) await services.putService(service, isMain ? branch : undefined)
  const arrived = await services.putVersion({ service, version }, buildUrl)
  if (branch !== undefined) await services.putBranch({ service, version }, branch)
  return arrived
}

type Difference = {
  readonly channel: string
  readonly direction: string
  readonly what: 'added' | 'removed' | 'changed'
  readonly members?: readonly string[]
}

function refuseDifference(name: Arrival, before: readonly StoredContract[], now: readonly ReadContract[]): void {
  const differences = differencesBetween(before, now)
  if (differences.length === 0) return
  const told = differences
    .slice(0, 5)
    .map(
      ({ channel, direction, what, members }) =>
        `${direction} ${channel} is ${what}${members ? `: ${members.join(', ')}` : ''}`,
    )
  const more = differences.length > 5 ? `; and ${differences.length - 5} more` : ''
  const { service, version } = name
  throw registryError('contracts.published-otherwise', { service, version, told: told.join('; ') + more, differences })
}

const COMPARED = ['encoding', 'field', 'headers', 'guarded', 'external', 'keepsMs', 'subject'] as const

/** A schema is the same when it says the same; where it was written does not matter. */
function differencesBetween(before: readonly StoredContract[], now: readonly ReadContract[]): Difference[] {
  const left = new Map(before.map((contract) => [keyOf(contract), contract]))
  const found = now.flatMap(({ sent, content }): Difference[] => {
    const known = left.get(keyOf(sent))
    left.delete(keyOf(sent))
    if (!known) return [{ ...sayWhich(sent), what: 'added' }]
    const members = COMPARED.filter((member) => known[member] !== sent[member])
    const all = [...(known.fingerprint === content.fingerprint ? [] : ['schema']), ...members]
    return all.length > 0 ? [{ ...sayWhich(sent), what: 'changed', members: all }] : []
  })
  return [...found, ...[...left.values()].map((one): Difference => ({ ...sayWhich(one), what: 'removed' }))]
}

type Which = Pick<StoredContract, 'place' | 'part' | 'verb'>

function keyOf(which: Which): string {
  return `${which.verb} ${channelOf(which)}`
}

function sayWhich(which: Which): { readonly channel: string; readonly direction: string } {
  return { channel: channelOf(which), direction: directionOf(which.verb, which.part) }
}
