import type { TSchema } from '@sinclair/typebox'
import type { Operation } from './operation.ts'

/** An answer that says what was asked for. */
export function ok(description: string, schema: TSchema): Operation['answers'] {
  return { 200: { description, schema } }
}

/** An answer that never changes, and so has an `ETag`. */
export function tagged(description: string, schema: TSchema): Operation['answers'] {
  return {
    200: { description, schema, headers: ['etag'] },
    304: { description: 'What the client has is what it would be answered.', headers: ['etag'] },
  }
}
