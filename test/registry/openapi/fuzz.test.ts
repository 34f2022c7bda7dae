import type { FastifyInstance, InjectOptions } from 'fastify'
import { expect, test } from 'vitest'
import { fc } from '../../support/property.ts'
import { FORMS } from '../api/own-registry.ts'
import { listOperations, type Operation } from './described.ts'
import { createJudge } from './judge.ts'
import { examples, knownFrom } from './known.ts'
import { requestsTo, type Sending } from './requests.ts'
import { seed } from './seed.ts'
import { createValues } from './values.ts'

/** Requests to each surface on each store; FUZZ_REQUESTS=5000 sends more. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 600)
/** The state is made anew after so many, since much of what is sent takes it away. */
const AT_A_TIME = 200
const AT_ONCE = 8
/** How many of the operations may have been refused each time: what they need is seldom there. */
const SELDOM = 0.25
const DEADLINE_MS = 3000
const FAULTS_TOLD = 20
const ROUTE = 'x-route-taken'

const surfaces = [...Map.groupBy(listOperations(), ({ surface }) => surface)]
const judge = createJudge()

const cases = FORMS.flatMap(([form, make]) =>
  surfaces.map(([surface, operations]) => [surface, form, make, operations] as const),
)

test.each(cases)(
  '%s on %s: whatever is sent, the answer is one that is described, in time, and no failure',
  async (_surface, _form, make, operations) => {
    await using registry = await make()
    const { app } = registry
    tellRoutes(app)
    const answers: Told[] = []
    for (let sent = 0; sent < REQUESTS; sent += AT_A_TIME) {
      const known = knownFrom([...examples(), ...(await seed(app))])
      const requests = requestsFor(operations, createValues(known), sent)
      answers.push(...(await askAll(app, requests)))
    }
    expect(answers.flatMap(({ fault }) => fault ?? []).slice(0, FAULTS_TOLD)).toEqual([])
    expect(neverDone(operations, answers).slice(Math.ceil(SELDOM * operations.length))).toEqual([])
    expect((await app.inject('/ready')).statusCode).toBe(200)
  },
  600_000,
)

/** Answers tell which route they come from. */
function tellRoutes(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { url } = request.routeOptions
    if (url !== undefined) reply.header(ROUTE, `${request.method} ${url}`)
    done()
  })
}

function requestsFor(
  operations: readonly Operation[],
  values: Parameters<typeof requestsTo>[1],
  sent: number,
): Sending[] {
  const first = fc.readConfigureGlobal().seed ?? 0
  return fc.sample(fc.oneof(...operations.map((one) => requestsTo(one, values))), {
    numRuns: AT_A_TIME,
    seed: first + sent,
  })
}

/** Some at a time, as several clients would: one that is kept waiting does not keep the others. */
async function askAll(app: FastifyInstance, requests: readonly Sending[]): Promise<Told[]> {
  const told: Told[] = []
  const open = requests.values()
  const client = async () => {
    for (const request of open) told.push(await ask(app, request))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  return told
}

type Told = { readonly route: string | undefined; readonly status: number; readonly fault: string | undefined }

async function ask(app: FastifyInstance, { method, url, headers, payload }: Sending): Promise<Told> {
  const asked = { method: method as 'GET', url, headers, ...(payload && { payload }) } satisfies InjectOptions
  const started = performance.now()
  const { statusCode: status, headers: told, rawPayload: body } = await app.inject(asked)
  const tookMs = Math.round(performance.now() - started)
  const route = told[ROUTE] as string | undefined
  const answer = { status, type: told['content-type'], headers: told, body, route }
  const failure = status >= 500 ? `it failed with ${status}: ${body.toString().slice(0, 200)}` : undefined
  const late = tookMs > DEADLINE_MS ? `it was answered after ${tookMs} ms` : undefined
  const fault = failure ?? judge(answer, url) ?? late
  const sent = [method, url.slice(0, 300), JSON.stringify(headers).slice(0, 200), payload?.toString().slice(0, 500)]
  return { route, status, fault: fault && `${sent.join(' ')}: ${fault}` }
}

/** Operations that have only been refused, so that little has been tried of them. */
function neverDone(operations: readonly Operation[], answers: readonly Told[]): string[] {
  const done = new Set(answers.flatMap(({ route, status }) => (route !== undefined && status < 400 ? [route] : [])))
  const names = new Set([...done].map((route) => route.replaceAll(/:(\w+)/g, '{$1}')))
  return operations.map(({ method, path }) => `${method} ${path}`).filter((name) => !names.has(name))
}
