import { Type } from '@sinclair/typebox'
import { ACCESS_SCHEMAS } from './access.ts'
import { GATE_SCHEMAS } from './gate-schemas.ts'
import { Anything, oneOf, optional, refer, Texts } from './schemas.ts'
import { CHANNEL_SCHEMAS, SERVICE_SCHEMAS } from './service-schemas.ts'

const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'What it is; it never changes.' }),
    at: optional(Type.String({ description: 'A JSON Pointer into the body.' })),
    near: optional({ ...Texts, description: 'Names that may have been meant.' }),
    differences: optional(
      Type.Array(
        Type.Object({
          channel: Type.String(),
          direction: oneOf(['writes', 'reads']),
          what: oneOf(['added', 'removed', 'changed']),
          members: optional(Texts),
        }),
      ),
    ),
    findings: optional(Type.Array(refer('Finding'))),
    witness: optional(Anything),
  },
  { description: 'A problem, as RFC 9457 has it.' },
)

/** What Concordat's own API reads and answers. */
export const OWN_SCHEMAS = { ...SERVICE_SCHEMAS, ...CHANNEL_SCHEMAS, ...GATE_SCHEMAS, ...ACCESS_SCHEMAS, Problem }
