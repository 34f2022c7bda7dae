import type { TSchema } from '@sinclair/typebox'

/** A parameter of a path or a query, or a header of a request. */
export type Parameter = {
  readonly name: string
  readonly description: string
  readonly schema: TSchema
  readonly example?: unknown
  readonly required?: true
}

export type Body = {
  /** The component that validates it. */
  readonly schema: string
  readonly examples: { readonly [name: string]: unknown }
}

/** An answer: in words, and as JSON with this schema where it has a body. */
export type Answer = {
  readonly description: string
  readonly schema?: TSchema
  /** Media types other than the surface's own. */
  readonly types?: { readonly [type: string]: TSchema }
  /** Names of headers among the components. */
  readonly headers?: readonly string[]
}

/** What one route does, without what all routes of its surface have in common. */
export type Operation = {
  readonly id: string
  readonly summary: string
  readonly query?: readonly Parameter[]
  readonly body?: Body
  readonly answers: { readonly [status: number]: Answer }
  /** Refusals that not every route has. */
  readonly refusals?: readonly Refusal[]
}

export type Refusal = 404 | 409 | 422
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
/** A method and a path, as routes name them: `GET /subjects/:subject`. */
export type Request = `${Method} /${string}`
export type Operations = { readonly [request: Request]: Operation }

/** One of the APIs that the registry speaks, each of which has answers and refusals of its own form. */
export type Surface = {
  readonly name: string
  readonly description: string
  readonly operations: Operations
  /** Whether its routes look at what a body is sent as. */
  readonly readsBodies: boolean
  /** What a parameter of a path is, by its name. */
  readonly path: { readonly [name: string]: Omit<Parameter, 'name' | 'required'> }
  /** Media types of what it reads and answers. */
  readonly types: readonly string[]
  readonly refusalTypes: readonly string[]
  /** The component that its refusals have the form of. */
  readonly refusal: string
  readonly schemas: { readonly [name: string]: TSchema }
}
