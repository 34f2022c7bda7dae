import { RegistryError, registryError } from '../errors.ts'
import type { RegistrationResult } from '../operations/metrics.ts'
import type { Registry } from '../registry.ts'
import type {
  SchemaContent,
  StoredSchema,
  SubjectHead,
  SubjectReads,
  SubjectState,
  Transaction,
} from '../store/store.ts'
import { writeChange } from '../store/write-change.ts'
import { compare, IncompatibleSchema } from './compatibility.ts'
import { configInScope } from './config.ts'
import { type Candidate, readContent, type SentSchema } from './content.ts'
import { hasDefaults, withDefaults } from './defaults.ts'
import { refuseWhenReadOnly } from './mode.ts'
import { checkSubject } from './subject.ts'

export type Registration = SentSchema & {
  /** The id that the schema is to have. */
  readonly id?: number | null
  /** The version that the schema is to become, for clients that compare and set. */
  readonly version?: number | null
}

export type RegisterOptions = {
  readonly normalize: boolean
  /** Registers whatever the compatibility level says. */
  readonly force: boolean
}

export type Registered = StoredSchema & {
  readonly version: number
  /** Whether it has become a version now; the subject had it already where not. */
  readonly isNew: boolean
}
type Sent = { readonly registration: Registration; readonly subject: string; readonly force: boolean }

/** How often a registration begins anew because others have changed the subject meanwhile. */
const MOST_ATTEMPTS = 100

/** Makes a schema the subject's next version; a schema that the subject has already keeps its version. */
export async function register(
  registry: Registry,
  subject: string,
  registration: Registration,
  options: RegisterOptions,
): Promise<Registered> {
  try {
    const registered = await attemptToRegister(registry, subject, registration, options)
    registry.metrics?.registrations[registered.isNew ? 'registered' : 'known'].add(1)
    return registered
  } catch (error) {
    registry.metrics?.registrations[resultOf(error)].add(1)
    throw error
  }
}

async function attemptToRegister(
  registry: Registry,
  subject: string,
  registration: Registration,
  { normalize, force }: RegisterOptions,
): Promise<Registered> {
  checkSubject(subject)
  const sent: Sent = { registration, subject, force }
  let seen = await registry.store.subjects.head(subject)
  const config = configInScope(seen.state)
  const candidate = await readContent(registry, registration, normalize || config.normalize === true)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    if (attempt > 0) seen = await registry.store.subjects.head(subject)
    // Clients register at every start: the answer that changes nothing needs no write.
    const answer = await prepare(registry.store.subjects, registry.engine.decide, { sent, candidate, seen })
    if ('known' in answer) return answer.known
    const done = await commit(registry, { sent, candidate, seen, content: answer.content })
    if (done) return done
  }
  throw registryError('subject.contended', { subject, attempts: MOST_ATTEMPTS })
}

/** Makes a schema the subject's next version within a write; undefined where the subject has changed since, and then anew. */
export type RegisterWithin = (transaction: Transaction) => Promise<Registered | undefined>

/** Registers as a part of a larger write: what has to be decided is decided before it. */
export async function prepareRegistering(registry: Registry, subject: string, text: string): Promise<RegisterWithin> {
  checkSubject(subject)
  const registration: Registration = { schemaType: 'JSON', schema: text }
  const sent: Sent = { registration, subject, force: false }
  const seen = await registry.store.subjects.head(subject)
  const config = configInScope(seen.state)
  const candidate = await readContent(registry, registration, config.normalize === true)
  await prepare(registry.store.subjects, registry.engine.decide, { sent, candidate, seen })
  return (transaction) => commitWithin(registry, transaction, { sent, candidate, seen })
}

type Preparing = { readonly sent: Sent; readonly candidate: Candidate; readonly seen: SubjectHead }
type Prepared = { readonly known: Registered } | { readonly content: SchemaContent }

/** Finds the schema among the versions, or else sees to it that it may become one. */
async function prepare(
  subjects: SubjectReads,
  decide: Registry['engine']['decide'],
  { sent: { registration, subject, force }, candidate, seen }: Preparing,
): Promise<Prepared> {
  const { state, latest } = seen
  const config = configInScope(state)
  const content = withDefaults(candidate.content, registration, { latest, config })
  const asSent = hasDefaults(config) ? content : candidate.content
  for (const wanted of asSent.identity === content.identity ? [content] : [asSent, content]) {
    const known = await findKnown(subjects, subject, wanted)
    if (known) return { known }
  }
  refuseWhenReadOnly(state, subject)
  checkNumbers(registration, subject, state)
  if (force) return { content }
  const comparing = { candidate: { ...candidate, content }, subject, config, latest }
  const compatibility = await compare(subjects, decide, comparing)
  if (!compatibility.isCompatible) throw new IncompatibleSchema(subject, compatibility)
  return { content }
}

type Committing = Preparing & { readonly content: SchemaContent }

/** Appends what was prepared, if nothing has changed since; else it takes a write of its own. Undefined where that fails. */
async function commit(registry: Registry, committing: Committing): Promise<Registered | undefined> {
  const { content, sent, seen } = committing
  const { store } = registry
  if (content.references.length === 0) {
    const appended = await store.append({ subject: sent.subject, content, revision: seen.state.revision })
    if (appended) return { ...content, ...appended, isNew: true }
  }
  return writeChange<Registered | undefined>(store, async (transaction, asItWas) => {
    const done = await commitWithin(registry, transaction, committing)
    return done?.isNew ? done : asItWas(done)
  })
}

/**
 * What has changed is looked at again, with what is remembered of verdicts: inside a write nobody may wait for one.
 */
async function commitWithin(
  { engine }: Registry,
  { subjects }: Transaction,
  { sent, candidate }: Preparing,
): Promise<Registered | undefined> {
  const seen = await subjects.head(sent.subject)
  const answer = await prepare(subjects, recallOnly(engine), { sent, candidate, seen }).catch(forgiveForgetting)
  if (answer === undefined) return undefined
  if ('known' in answer) return answer.known
  await checkReferences(subjects, answer.content)
  const numbers = await subjects.append(sent.subject, answer.content, seen.state.revision)
  return numbers && { ...answer.content, ...numbers, isNew: true }
}

class NotRemembered extends Error {}

function recallOnly({ recall }: Registry['engine']): Registry['engine']['decide'] {
  return async (writer, reader, policy) => {
    const verdict = recall(writer, reader, policy)
    if (!verdict) throw new NotRemembered()
    return verdict
  }
}

function forgiveForgetting(error: unknown): undefined {
  if (!(error instanceof NotRemembered)) throw error
}

async function findKnown(
  subjects: SubjectReads,
  subject: string,
  content: SchemaContent,
): Promise<Registered | undefined> {
  const found = await subjects.find(subject, content.identity, 'live')
  return found && { ...content, id: found.id, version: found.version, isNew: false }
}

function resultOf(error: unknown): RegistrationResult {
  if (error instanceof IncompatibleSchema) return 'incompatible'
  return error instanceof RegistryError && !MAY_GO_WELL_LATER.test(error.code) ? 'refused' : 'failed'
}

/** The codes of what says nothing of the schema. */
const MAY_GO_WELL_LATER = /^(store|decider)\.|\.contended$/

/** 0 and -1 are how clients spell "none given". */
function checkNumbers({ id, version }: Registration, subject: string, { lastVersion }: SubjectState): void {
  if (id && id > 0) throw registryError('id.not-allowed', { subject })
  if (version && version > 0 && version !== lastVersion + 1) throw registryError('version.not-next', undefined)
}

/** What a schema refers to may have been deleted since it was read. */
async function checkReferences(subjects: SubjectReads, { references }: SchemaContent): Promise<void> {
  for (const { subject, version } of references) {
    const found = await subjects.version(subject, version, 'live')
    if (!found) throw registryError('reference.unknown', { subject, version })
  }
}
