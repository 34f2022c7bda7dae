import { listen } from '../../../registry/server.ts'
import { type Temporary, temporaryRegistry } from '../temporary.ts'

/** A registry that real clients reach over a socket. */
export async function listeningRegistry(): Promise<Temporary<{ readonly url: string }>> {
  const { app, [Symbol.asyncDispose]: dispose } = await temporaryRegistry()
  return { url: await listen(app, { host: '127.0.0.1', port: 0 }), [Symbol.asyncDispose]: dispose }
}

/** A vote, and what may be made of it. */
export const VOTE = schemaText({ option: { enum: ['cats', 'dogs'] } }, ['option'])
export const MORE_OPTIONS = schemaText({ option: { enum: ['cats', 'dogs', 'birds'] } }, ['option'])
export const RENAMED = schemaText({ vote: { enum: ['cats', 'dogs'] } }, ['vote'])

function schemaText(properties: object, required: readonly string[]): string {
  return JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  })
}
