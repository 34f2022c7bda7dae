import type { FastifyInstance } from 'fastify'
import { RegistryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { testCompatibility } from '../subjects/compatibility.ts'
import { answer } from './answers.ts'
import { describeCompatibility } from './messages.ts'
import { isTrue, type Query } from './queries.ts'
import { SchemaRequest, type SubjectPath, type VersionPath } from './requests.ts'

type Testing = { Params: SubjectPath & Partial<VersionPath>; Querystring: Query; Body: SchemaRequest }

/** Would a schema be registered? Against one version, or against all that the subject's level names. */
export function serveCompatibility(app: FastifyInstance, registry: Registry): void {
  for (const path of ['/versions/:version', '/versions'])
    app.post<Testing>(
      `/compatibility/subjects/:subject${path}`,
      { schema: { body: SchemaRequest } },
      async (request, reply) => {
        const { params, query, body } = request
        const { subject, version } = params
        const isVerbose = isTrue(query.verbose)
        const test = { sent: body, normalize: isTrue(query.normalize), ...(version !== undefined && { version }) }
        const told = await testCompatibility(registry, subject, test).catch((error: unknown) => {
          if (isVerbose && isAboutSchema(error)) return error
          throw error
        })
        const isRefused = told instanceof RegistryError
        return answer(request, reply, {
          is_compatible: !isRefused && told.isCompatible,
          ...(isVerbose && { messages: isRefused ? [told.message] : describeCompatibility(told) }),
        })
      },
    )
}

/** With `verbose`, a schema that cannot be read is an answer and not an error. */
function isAboutSchema(error: unknown): error is RegistryError {
  return error instanceof RegistryError && /^(schema\.(refused|missing|type-unsupported)|reference\.)/.test(error.code)
}
