import type { Policy } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { checkText } from '../services/names.ts'
import type { Reservation } from '../store/environments.ts'
import type { ServiceReads, VersionName } from '../store/services.ts'
import type { Transaction } from '../store/store.ts'
import { writeChange } from '../store/write-change.ts'
import { type Gathered, gather, type Question, readCandidate } from './gather.ts'
import { type Judgement, judge } from './judge.ts'
import { eachOnce } from './leaving.ts'
import type { Destination } from './neighbours.ts'
import type { Candidate } from './party.ts'
import { findVerdicts, type Texts, type Verdicts } from './verdicts.ts'
import { placeOf } from './words.ts'

export type Asked = {
  readonly versions: readonly (VersionName & { readonly instance?: string })[]
  readonly destination: Destination
  readonly policy?: Policy | undefined
  readonly atOnce?: boolean | undefined
}

export type Starting = { readonly expiresInMs: number; readonly by?: string | undefined }

/** The answer of a gate, and what it was an answer to. */
export type Answer = Judgement & {
  readonly destination: Destination
  readonly policy: Policy
  readonly candidates: readonly VersionName[]
  readonly reservation?: readonly Reservation[]
}

/** How often starting begins anew because something else has come to the environment meanwhile. */
const MOST_ATTEMPTS = 20

/** May these versions go there? */
export async function canDeploy(registry: Registry, asked: Asked): Promise<Answer> {
  const question = await readQuestion(registry.store.services, asked)
  const { answer } = await ask(registry, question)
  return counted(registry, answer)
}

/** The same of what is not published. Nothing is kept but verdicts. */
export async function check(registry: Registry, question: Question, texts: Texts): Promise<Answer> {
  const { answer } = await ask(registry, question, texts)
  return counted(registry, answer)
}

/**
 * Decides and, where the answer is yes, reserves, in one write: of two that would not get on, the second sees the first. The
 * verdicts are found before it, since inside a write nobody may wait for one.
 */
export async function start(registry: Registry, asked: Asked, starting: Starting): Promise<Answer> {
  const question = await readQuestion(registry.store.services, asked)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { answer, verdicts } = await ask(registry, question)
    if (answer.answer === 'no') return counted(registry, answer)
    const started = await writeChange<Answer | undefined>(registry.store, async (transaction, asItWas) => {
      const done = await startWithin(transaction, { question, verdicts, starting })
      return done?.reservation ? done : asItWas(done)
    })
    if (started) return counted(registry, started)
  }
  throw registryError('environment.contended', { environment: placeOf(asked.destination), attempts: MOST_ATTEMPTS })
}

function counted({ metrics }: Registry, answer: Answer): Answer {
  metrics?.gateDecisions[answer.answer].add(1)
  return answer
}

async function ask(
  registry: Registry,
  question: Question,
  texts?: Texts,
): Promise<{ answer: Answer; verdicts: Verdicts }> {
  const gathered = await gather(registry.store, question)
  const verdicts = await findVerdicts(registry, [...gathered.pairs, ...gathered.back.pairs], gathered.policy, texts)
  const answer = answerOf(gathered, verdicts)
  if (!answer) throw new Error('Not every pair has its verdict')
  return { answer, verdicts }
}

type Start = { readonly question: Question; readonly verdicts: Verdicts; readonly starting: Starting }

/** Undefined where somebody new has come, of whom no verdict is known. */
async function startWithin(
  transaction: Transaction,
  { question, verdicts, starting }: Start,
): Promise<Answer | undefined> {
  const answer = answerOf(await gather(transaction, question), verdicts)
  if (answer?.answer !== 'yes') return answer
  const { destination } = question
  if (!('to' in destination)) return answer
  const reservation: Reservation[] = []
  for (const candidate of question.candidates)
    reservation.push(await reserve(transaction, destination.to, candidate, starting))
  return { ...answer, reservation }
}

/** Who starts the same again has more time for it. */
async function reserve(
  { environments }: Transaction,
  environment: string,
  { service, version, instance }: Candidate,
  { expiresInMs, by }: Starting,
): Promise<Reservation> {
  const open = await environments.reservations(environment)
  const same = open.find((one) => one.service === service && one.version === version && one.instance === instance)
  const extended = same && (await environments.extend(same.id, expiresInMs))
  return extended ?? environments.reserve({ environment, service, version, instance, by, expiresInMs })
}

function answerOf(gathered: Gathered, verdicts: Verdicts): Answer | undefined {
  const judgement = judge(gathered, verdicts)
  if (!judgement) return undefined
  const { destination, candidates } = gathered.question
  const named = eachOnce(candidates).map(({ service, version }) => ({ service, version }))
  return { destination, policy: gathered.policy, candidates: named, ...judgement }
}

async function readQuestion(
  services: ServiceReads,
  { versions, destination, policy, atOnce = false }: Asked,
): Promise<Question> {
  const candidates = await Promise.all(versions.map((one) => readSlot(services, one)))
  const twice = candidates.find((one, i) =>
    candidates.some((other, j) => j < i && other.service === one.service && other.instance === one.instance),
  )
  if (twice)
    throw registryError('request.malformed', {
      reason: `${twice.service} stands twice in its versions: name each slot once`,
    })
  return { candidates, destination, policy, atOnce }
}

async function readSlot(
  services: ServiceReads,
  { service, version, instance }: Asked['versions'][number],
): Promise<Candidate> {
  if (instance !== undefined) checkText('an instance', instance)
  const candidate = await readCandidate(services, { service, version })
  return { ...candidate, ...(instance !== undefined && { instance }) }
}
