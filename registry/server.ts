import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import Fastify, {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { SCHEMA_LIMITS } from '../contracts/index.ts'
import { authorise, requireNeeds } from './access/authorise.ts'
import { type AccessOptions, identify } from './access/identify.ts'
import { refuseAsProblem, refuseRouteAsProblem } from './api/problems.ts'
import { ownApi } from './api/surface.ts'
import { keepAudit } from './audit/audit.ts'
import { auditedStore } from './audit/audited-store.ts'
import { allowOrigins } from './cors.ts'
import { registryError } from './errors.ts'
import { securityHeaders } from './headers.ts'
import { answerOnce } from './limits/answer-once.ts'
import { createLimiter } from './limits/limiter.ts'
import { limitRates } from './limits/rate-hooks.ts'
import type { Rates } from './limits/rates.ts'
import { shedLoad } from './limits/shedding.ts'
import type { LogOptions } from './operations/log.ts'
import { type Certificate, createRegistryMetrics, type RegistryMetrics } from './operations/metrics.ts'
import { watchProcess } from './operations/process.ts'
import { type Checked, operations } from './operations/readiness.ts'
import { createRequestIds } from './operations/request-ids.ts'
import { createRequestObserver, type RequestObserver } from './operations/requests.ts'
import type { RedisConnection } from './redis.ts'
import { connectionRefusal, refuse, refuseUnknownRoute } from './schema-registry/refusals.ts'
import { schemaRegistry } from './schema-registry/surface.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store/store.ts'
import type { TlsHandle } from './tls/tls.ts'
import { compileWhenAsked } from './validation.ts'
import { createEngine } from './verdicts/engine.ts'

export type ServerOptions = {
  /** Taken, not owned: whoever opened it closes it, after the server. */
  readonly store: Store
  /** Taken, not owned. Without it the registry runs without Redis. */
  readonly redis?: (Checked & Partial<Pick<RedisConnection, 'client'>>) | undefined
  readonly logger?: LogOptions
  readonly limits?: Partial<ServerLimits>
  /** How many requests may come; a class without a rate is not limited. */
  readonly rates?: Rates
  /** How many requests may be under way before others are turned away. */
  readonly mostInFlight?: number
  /** Who may come in; unless given, everybody on this machine and nobody else. */
  readonly access?: AccessOptions | undefined
  /** What is counted, in one of its own unless given. With `false` requests are neither counted nor traced nor logged. */
  readonly metrics?: RegistryMetrics | false
  /** Taken, not owned: who knows until when the certificate is good; what TLS is spoken with, unless given. */
  readonly certificate?: Certificate | undefined
  /** Taken, not owned. Without it the server speaks without TLS. */
  readonly tls?: TlsHandle | undefined
  /** The origins of pages in browsers that may ask; without any, none may. */
  readonly corsOrigins?: readonly string[] | undefined
  /** The proxies, by address or network, whose word is taken for who has asked. */
  readonly trustProxy?: readonly string[] | undefined
}

export type ServerLimits = { readonly [limit in keyof typeof SERVER_LIMITS]: number }

/** What a request may be at most; docs/limits.md lists them. */
export const SERVER_LIMITS = {
  /** Twice the largest schema, since JSON text grows when it stands within JSON, and some for the rest. */
  bodyBytes: 2 * SCHEMA_LIMITS.bytes + 64 * 1024,
  /** Characters of a subject's name, percent-encoded. */
  nameLength: 2048,
  /** Slow headers are answered 408 within 5 s, slow bodies within 10 s: these times and one interval of checking. */
  headersTimeoutMs: 4500,
  requestTimeoutMs: 9500,
  checkingIntervalMs: 250,
  /** A connection on which nothing moves, such as that of somebody who does not read the answer, is cut after so long. */
  silenceTimeoutMs: 60_000,
} as const

/** Builds the registry's server over a store. It does not listen yet. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const { store, redis, logger, limits, rates = {}, mostInFlight, tls, certificate = tls } = options
  const { access = { mode: 'open' } } = options
  const metrics = options.metrics === false ? undefined : (options.metrics ?? createRegistryMetrics())
  const observer = metrics && createRequestObserver(metrics, logger)
  const app: FastifyInstance = Fastify(optionsFor({ ...SERVER_LIMITS, ...limits }, observer, options))
  observer?.observe(app)
  app.setValidatorCompiler(compileWhenAsked)
  allowOrigins(app, options.corsOrigins ?? [])
  // A route that is not there answers 404 before anyone reads its body.
  app.removeAllContentTypeParsers()
  app.setErrorHandler(refuseInForm)
  app.setNotFoundHandler(refuseRouteInForm)
  letConnectionsEnd(app)
  // Not by an option, of which a server over TLS would not hear.
  app.server.timeout = limits?.silenceTimeoutMs ?? SERVER_LIMITS.silenceTimeoutMs
  shedLoad(app, { mostInFlight, metrics: metrics?.shed })
  requireNeeds(app)
  const { forget } = identify(app, {
    corsOrigins: options.corsOrigins,
    ...access,
    store,
    badTokens: metrics?.badTokens,
  })
  app.register(operations, { store, redis, metrics })
  if (metrics) app.addHook('onClose', watchAll(metrics, { store, certificate }))
  const engine = createEngine({ metrics })
  app.addHook('onClose', () => engine[Symbol.asyncDispose]())
  const limiter = createLimiter({ redis: redis?.client, watchBreaker: metrics?.watchBreaker })
  limitRates(app, { rates, limiter, metrics: metrics?.rateLimits })
  authorise(app)
  answerOnce(app, { store })
  const countRows = (rows: number) => metrics?.auditRows.add(rows)
  keepAudit(app, store, countRows)
  const registry = { store: auditedStore(store, countRows), engine, metrics }
  app.register(schemaRegistry, { registry })
  app.register(ownApi, { prefix: OWN_API, registry, onTokenChange: forget })
  return app
}

const OWN_API = '/api'

/** Whether a path is one of Concordat's own API, or would be if it were there. */
function isOwn({ url }: FastifyRequest): boolean {
  return url.startsWith(OWN_API) && /^(?:[/?]|$)/.test(url.slice(OWN_API.length))
}

/** Where no route is, the path tells which form a refusal has. */
function refuseInForm(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return (isOwn(request) ? refuseAsProblem : refuse)(error, request, reply)
}

function refuseRouteInForm(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return (isOwn(request) ? refuseRouteAsProblem : refuseUnknownRoute)(request, reply)
}

type Connections = Pick<ServerOptions, 'tls' | 'trustProxy'>

function optionsFor(limits: ServerLimits, observer: RequestObserver | undefined, { tls, trustProxy }: Connections) {
  const headers = securityHeaders(tls !== undefined)
  const http = {
    ServerResponse: headers.response,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkingIntervalMs,
  }
  return {
    genReqId: createRequestIds(),
    // Requests have a line of their own, and errors are told by those who answer them.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.nameLength },
    // Fastify sets the server's own request time-out once more, from its own option.
    requestTimeout: limits.requestTimeoutMs,
    http,
    ...(tls && { serverFactory: (handler) => tls.createServer(overTls(http), handler) }),
    ...(trustProxy?.length && { trustProxy: [...trustProxy] }),
    // What still comes in over open connections while the server closes is answered, not turned away.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      observer?.begin(request, reply)
      void refuseInForm(error, request, reply)
    },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, { observer, headers: headers.lines }),
  } satisfies FastifyHttpOptions<Server>
}

/** Fastify leaves a server that it has not made itself as it is. */
function overTls<Options extends { readonly headersTimeout: number }>(http: Options) {
  return { ...http, keepAliveTimeout: KEEP_ALIVE_MS, handshakeTimeout: http.headersTimeout }
}

/** As Fastify has it. */
const KEEP_ALIVE_MS = 72_000

/** What is under way when the server closes is answered; its connection, which would else stay open for more, is not kept. */
export function letConnectionsEnd(app: FastifyInstance): void {
  let isClosing = false
  const latest = followRequests(app.server)
  app.addHook('preClose', (done) => {
    isClosing = true
    // Node no longer checks its own time-outs then, and half a request would hold up the end for ever.
    setTimeout(() => latest.forEach((request, socket) => request?.complete || socket.destroy()), ARRIVING_MS).unref()
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done()
  })
}

/** How long a request that has arrived in part may still take once the server closes. */
const ARRIVING_MS = 2000

/** Each connection with the request that it waits to have answered, of which only a part may have come. */
function followRequests(server: Server): ReadonlyMap<Socket, IncomingMessage | undefined> {
  const latest = new Map<Socket, IncomingMessage | undefined>()
  // Over TLS, requests come from another socket than the one that was connected; a handshake has a time-out of its own.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    latest.set(socket, undefined)
    socket.once('close', () => latest.delete(socket))
  })
  server.on('request', (request, response) => {
    const { socket } = request
    latest.set(socket, request)
    response.on('finish', () => latest.get(socket) === request && latest.set(socket, undefined))
  })
  return latest
}

type Refusing = { readonly observer: RequestObserver | undefined; readonly headers: string }

function refuseConnection(error: ConnectionError, socket: Socket, { observer, headers }: Refusing): void {
  if (socket.writable && !UNSPEAKABLE.test(error.code ?? '')) {
    const { status, bytes } = connectionRefusal(error.code ?? '', headers)
    observer?.countBroken(status)
    socket.write(bytes)
  }
  socket.destroy(error)
}

/** Nobody is there to be told, or nothing that could be told would be understood. */
const UNSPEAKABLE = /^(?:ECONNRESET$|EPIPE$|HPE_INVALID_EOF_STATE$|ERR_SSL_|ERR_TLS_)/

type ConnectionError = Error & { readonly code?: string }

/** Shows what the store, the certificate and the process tell of themselves. Answers what ends that. */
function watchAll(
  metrics: RegistryMetrics,
  { store, certificate }: Pick<ServerOptions, 'store' | 'certificate'>,
): (app: FastifyInstance, done: () => void) => void {
  store.observe(metrics.store)
  if (certificate) metrics.watchCertificate(certificate)
  const stop = watchProcess(metrics)
  return (_app, done) => {
    stop()
    done()
  }
}

type Place = Pick<Settings, 'host' | 'port'>

/** Lets a server listen, and answers the URL at which it is reached. */
export async function listen(app: FastifyInstance, { host, port }: Place): Promise<string> {
  try {
    // Fastify, which has not made a server of TLS itself, would tell of it as one without.
    await app.listen({
      host,
      port,
      listenTextResolver: (url) => `The server listens at ${schemeOf(app)}${url.slice(4)}`,
    })
  } catch (error) {
    throw explainListening(error, { host, port }) ?? error
  }
  return urlOf(app)
}

function explainListening(error: unknown, { host, port }: Place): Error | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined
  if (error.code === 'EADDRINUSE') return registryError('server.port-taken', { host, port }, { cause: error })
  return registryError('server.cannot-listen', { host, port, reason: String(error.code) }, { cause: error })
}

function urlOf(app: FastifyInstance): string {
  const [address] = app.addresses()
  if (typeof address !== 'object') throw new Error('The server does not listen')
  const isEverywhere = address.address === '0.0.0.0' || address.address === '::'
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${schemeOf(app)}://${isEverywhere ? 'localhost' : host}:${address.port}`
}

function schemeOf({ server }: FastifyInstance): 'http' | 'https' {
  return server instanceof TlsServer ? 'https' : 'http'
}
