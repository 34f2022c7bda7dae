import Fastify, { type FastifyBaseLogger } from 'fastify'
import { redacting } from '../redaction.ts'

export type LogOptions = {
  /** The least that is told: `trace`, `debug`, `info`, `warn`, `error`, `fatal`, or nothing with `silent`. */
  readonly level: string
  readonly stream: { readonly write: (line: string) => unknown }
}

/** Makes a log as Fastify makes one, which brings pino for it. What an error from elsewhere tells in it has no secrets. */
export function createLog({ level, stream }: LogOptions): FastifyBaseLogger {
  return Fastify({ logger: { level, stream: redacting(stream) } }).log
}

/** A request's own log: what is told there has the request's id. Most requests tell nothing, and cost nothing. */
export class RequestLog implements FastifyBaseLogger {
  readonly #log: FastifyBaseLogger
  readonly #reqId: string
  #made: FastifyBaseLogger | undefined

  constructor(log: FastifyBaseLogger, reqId: string) {
    this.#log = log
    this.#reqId = reqId
  }

  get level(): string {
    return this.#log.level
  }

  get trace(): FastifyBaseLogger['trace'] {
    return this.#method('trace')
  }

  get debug(): FastifyBaseLogger['debug'] {
    return this.#method('debug')
  }

  get info(): FastifyBaseLogger['info'] {
    return this.#method('info')
  }

  get warn(): FastifyBaseLogger['warn'] {
    return this.#method('warn')
  }

  get error(): FastifyBaseLogger['error'] {
    return this.#method('error')
  }

  get fatal(): FastifyBaseLogger['fatal'] {
    return this.#method('fatal')
  }

  get silent(): FastifyBaseLogger['silent'] {
    return this.#method('silent')
  }

  get child(): FastifyBaseLogger['child'] {
    return this.#method('child')
  }

  #method<const Name extends 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | 'child'>(
    name: Name,
  ): FastifyBaseLogger[Name] {
    this.#made ??= this.#log.child({ reqId: this.#reqId })
    return this.#made[name].bind(this.#made) as FastifyBaseLogger[Name]
  }
}
