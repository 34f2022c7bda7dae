import { templateOf } from '../../contracts/http/template.ts'
import { pointerTo } from '../../contracts/json.ts'
import { RegistryError } from '../../registry/errors.ts'
import { type OpenApiOperation, readOpenApi } from '../../registry/services/openapi.ts'
import { wrongUsage } from '../refused.ts'
import type { DeclaredContract } from './declared.ts'
import type { OpenApiText } from './openapi-text.ts'

/** Whose operations a document describes, and which of them count. */
export type Documented = Pick<DeclaredContract, 'guarded' | 'external'> & {
  readonly provider: string
  readonly verb: 'serves' | 'calls'
  /** Such as `GET /api/votes/{id}`; all where it is left out. */
  readonly only?: readonly string[]
}

/** The contracts of a document's operations, each with the line at which its operation stands; `told` names the file. */
export function readOpenApiContracts(document: OpenApiText, told: string, documented: Documented): DeclaredContract[] {
  const { only } = documented
  const operations = operationsIn(document)
  const missing = only?.find((name) => !operations.some((operation) => nameOf(operation) === name))
  if (missing !== undefined) throw refused(document, '/paths', `It has no operation "${missing}".`)
  return operations
    .filter((operation) => only?.includes(nameOf(operation)) ?? true)
    .flatMap((operation) => contractsOf(operation, documented, `${told}:${lineOf(document, operation)}`))
}

function operationsIn(document: OpenApiText): OpenApiOperation[] {
  try {
    return readOpenApi(document.text, '')
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const { at } = error.details as { readonly at?: unknown }
    throw refused(document, typeof at === 'string' ? at : '', error.message, error)
  }
}

function refused({ file, place }: OpenApiText, at: string, sentence: string, cause?: unknown): Error {
  return wrongUsage('config.invalid', `${file}:${place(at)}: ${sentence}`, { cause })
}

function contractsOf(
  { method, path, request, responses }: OpenApiOperation,
  { provider, verb, guarded, external }: Documented,
  origin: string,
): DeclaredContract[] {
  const [asked, answered] = verb === 'serves' ? (['reads', 'writes'] as const) : (['writes', 'reads'] as const)
  const parts = [
    { part: 'request', direction: asked, schema: request },
    ...Object.entries(responses).map(([part, schema]) => ({ part, direction: answered, schema })),
  ]
  return parts.map(({ part, direction, schema }) => ({
    channel: `http:${provider} ${method} ${templateOf(path)}#${part}`,
    direction,
    schema: JSON.stringify(schema),
    ...(guarded !== undefined && { guarded }),
    ...(external !== undefined && { external }),
    origin,
  }))
}

function nameOf({ method, path }: OpenApiOperation): string {
  return `${method} ${path}`
}

function lineOf({ place }: OpenApiText, { method, path }: OpenApiOperation): string {
  const [line = '1'] = place(pointerTo('', 'paths', path, method.toLowerCase())).split(':')
  return line
}
