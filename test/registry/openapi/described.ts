import { describeRegistry } from '../../../registry/openapi/document.ts'

export type Schema = { readonly [keyword: string]: unknown }
export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
  readonly example?: unknown
}
type Media = { readonly schema: Schema; readonly examples?: { readonly [name: string]: { readonly value: unknown } } }
export type Response = {
  readonly content?: { readonly [type: string]: Media }
  readonly headers?: { readonly [name: string]: Schema }
}

/** One operation, as the document tells it, with what it refers to in its place; schemas keep their references. */
export type Operation = {
  readonly surface: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body?: { readonly types: readonly string[]; readonly schema: Schema; readonly examples: readonly unknown[] }
  readonly responses: ReadonlyMap<number, Response>
}

type Told = {
  readonly tags: readonly string[]
  readonly parameters: readonly Schema[]
  readonly requestBody?: { readonly content: { readonly [type: string]: Media } }
  readonly responses: { readonly [status: string]: Schema }
}

export const document = describeRegistry()

/** Every operation of the document, by method and path. */
export function listOperations(): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as unknown as { [method: string]: Told }).map(([method, told]) => read(path, method, told)),
  )
}

function read(path: string, method: string, { tags, parameters, requestBody, responses }: Told): Operation {
  const content = Object.entries(requestBody?.content ?? {})
  const examples = content.flatMap(([, { examples: some = {} }]) => Object.values(some).map(({ value }) => value))
  const [[, media] = []] = content
  return {
    surface: tags[0] ?? '',
    method: method.toUpperCase(),
    path,
    parameters: parameters.map((one) => follow(one) as unknown as Parameter),
    ...(media && { body: { types: content.map(([type]) => type), schema: media.schema, examples } }),
    responses: new Map(Object.entries(responses).map(([status, one]) => [Number(status), follow(one) as Response])),
  }
}

/** What a reference into the document leads to; anything else is itself. */
export function follow(value: Schema): Schema {
  const { $ref } = value
  if (typeof $ref !== 'string') return value
  const steps = $ref.slice(2).split('/')
  return steps.reduce<Schema>((at, step) => (at[step] ?? {}) as Schema, document as unknown as Schema)
}
