import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { SCHEMA_LIMITS } from '../contracts/index.ts'
import { refuseAsProblem } from './api/problems.ts'
import { ownApi } from './api/surface.ts'
import { registryError } from './errors.ts'
import { type Checked, operations } from './operations/readiness.ts'
import { refusalBytes, refuse, refuseUnknownRoute } from './schema-registry/refusals.ts'
import { schemaRegistry } from './schema-registry/surface.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store/store.ts'
import { createEngine } from './verdicts/engine.ts'

export type ServerOptions = {
  /** Taken, not owned: whoever opened it closes it, after the server. */
  readonly store: Store
  /** Taken, not owned. Without it the registry runs without Redis. */
  readonly redis?: Checked | undefined
  readonly logger?: NonNullable<FastifyServerOptions['logger']>
  readonly limits?: Partial<ServerLimits>
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
} as const

/** Builds the registry's server over a store. It does not listen yet. */
export function buildServer({ store, redis, logger, limits }: ServerOptions): FastifyInstance {
  const app: FastifyInstance = Fastify({ ...optionsFor({ ...SERVER_LIMITS, ...limits }), logger: logger ?? false })
  // A route that is not there answers 404 before anyone reads its body.
  app.removeAllContentTypeParsers()
  app.setErrorHandler(refuse)
  app.setNotFoundHandler(refuseUnknownRoute)
  letConnectionsEnd(app)
  app.register(operations, { store, redis })
  const engine = createEngine()
  app.addHook('onClose', () => engine[Symbol.asyncDispose]())
  const registry = { store, engine }
  app.register(schemaRegistry, { registry })
  app.register(ownApi, { prefix: OWN_API, registry })
  return app
}

const OWN_API = '/api'

const AJV_OPTIONS = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  ownProperties: true,
  allowUnionTypes: true,
} as const

function optionsFor(limits: ServerLimits) {
  return {
    bodyLimit: limits.bodyBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.nameLength },
    // Fastify sets the server's own request time-out once more, from its own option.
    requestTimeout: limits.requestTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkingIntervalMs,
    },
    // What still comes in over open connections while the server closes is answered, not turned away.
    return503OnClosing: false,
    // Validation never edits data, and sees no member that an object only inherits.
    ajv: { customOptions: AJV_OPTIONS },
    frameworkErrors: (error, request, reply) =>
      void (request.url.startsWith(`${OWN_API}/`) ? refuseAsProblem : refuse)(error, request, reply),
    clientErrorHandler: refuseConnection,
  } satisfies FastifyHttpOptions<Server>
}

/** What is under way when the server closes is answered; its connection, which would else stay open for more, is not kept. */
function letConnectionsEnd(app: FastifyInstance): void {
  let isClosing = false
  const arriving = followArriving(app.server)
  app.addHook('preClose', (done) => {
    isClosing = true
    // Node no longer checks its own time-outs then, and half a request would hold up the end for ever.
    setTimeout(() => arriving.forEach((socket) => socket.destroy()), ARRIVING_MS).unref()
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done()
  })
}

/** How long a request that has arrived in part may still take once the server closes. */
const ARRIVING_MS = 2000

/** The connections from which no request has come, or only a part of one. */
function followArriving(server: Server): ReadonlySet<Socket> {
  const arriving = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    arriving.add(socket)
    socket.once('close', () => arriving.delete(socket))
  })
  server.on('request', (request, response) => {
    const { socket } = request
    request.once('end', () => arriving.delete(socket))
    response.once('finish', () => arriving.add(socket))
  })
  return arriving
}

function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET') socket.write(refusalBytes(error.code ?? ''))
  socket.destroy(error)
}

type Place = Pick<Settings, 'host' | 'port'>

/** Lets a server listen, and answers the URL at which it is reached. */
export async function listen(app: FastifyInstance, { host, port }: Place): Promise<string> {
  try {
    await app.listen({ host, port })
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
  return `http://${isEverywhere ? 'localhost' : host}:${address.port}`
}
