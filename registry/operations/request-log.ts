import { hostname } from 'node:os'
import type { FastifyRequest } from 'fastify'
import { parseTraceparent } from '../../telemetry/index.ts'
import type { LogOptions } from './log.ts'

/** How a request ended. */
export type Ended = {
  readonly request: FastifyRequest
  readonly route: string
  readonly status: number
  readonly seconds: number
  /** What had gone over the request's connection before its answer. */
  readonly bytesBefore: number
}

export type RequestLines = {
  /** Whether most requests get a line. */
  readonly areWanted: boolean
  readonly write: (ended: Ended) => void
}

/** Who asks these, asks all the time. */
const QUIET: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

/** As pino numbers them. */
const LEVELS: { readonly [level: string]: number } = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }

/**
 * Writes one line for each request: the very line that pino would write, put together for its few members alone, which costs
 * a fraction. Where the level wants none, none is made.
 */
export function createRequestLines({ level, stream }: LogOptions): RequestLines {
  const least = LEVELS[level] ?? Number.POSITIVE_INFINITY
  const about = `,"pid":${process.pid},"hostname":${JSON.stringify(hostname())},"reqId":"`
  return {
    areWanted: least <= 30,
    write: (ended) => {
      const isFailure = ended.status >= 500
      const number = QUIET.has(ended.route) ? 20 : isFailure ? 50 : 30
      if (number >= least) stream.write(`{"level":${number},"time":${Date.now()}${about}${tell(ended)}`)
    },
  }
}

/** What has gone over a request's connection, headers included. Asked for once, its address is known even after its end. */
export function bytesSent({ ip, socket }: FastifyRequest): number {
  return ip === undefined ? 0 : (socket.bytesWritten ?? 0)
}

/** An id has no character that JSON would escape, nor has a method. */
function tell({ request, route, status, seconds, bytesBefore }: Ended): string {
  const { id, method, ip, socket, traceparent } = request
  const name = (request as Partial<FastifyRequest>).identity?.name
  const bytes = (socket.bytesWritten ?? 0) - bytesBefore
  const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)?.traceId
  const who = name === undefined ? '' : `,"identity":${quote(name)}`
  const what = `,"method":"${method}","route":${quote(route)},"status":${status}`
  const how = `,"durationMs":${Math.round(seconds * 1e6) / 1e3},"address":${quote(ip ?? '')},"bytes":${bytes}`
  return `${id}"${who}${what}${how}${trace === undefined ? '' : `,"traceId":"${trace}"`},"msg":"request"}\n`
}

const PLAIN = /^[\w./:@*-]*$/

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}
