import { Type } from '@sinclair/typebox'
import { ACCESS } from './access.ts'
import { ENVIRONMENTS, GATES, OVERVIEWS } from './gates.ts'
import type { Operations, Surface } from './operation.ts'
import { SERVICE, VERSION } from './own-parameters.ts'
import { OWN_SCHEMAS } from './own-schemas.ts'
import { AnyObject } from './schemas.ts'
import { CHANNELS, SERVICES } from './services.ts'

const ITSELF: Operations = {
  'GET /api/openapi.json': {
    id: 'getOpenApi',
    summary: 'Gets this document',
    answers: { 200: { description: 'An OpenAPI 3.1 document.', schema: AnyObject } },
  },
}

/** Concordat's own API, for what the others do not know. */
export const OWN_API: Surface = {
  name: 'Concordat',
  description: "Concordat's own API: services, contracts, environments and gates.",
  operations: { ...SERVICES, ...CHANNELS, ...OVERVIEWS, ...ENVIRONMENTS, ...GATES, ...ACCESS, ...ITSELF },
  readsBodies: true,
  path: {
    service: { ...SERVICE },
    version: { ...VERSION },
    channel: { description: 'A channel, such as `stream:votes`.', schema: Type.String(), example: 'stream:votes' },
    environment: { description: 'The name of an environment.', schema: Type.String(), example: 'production' },
    id: { description: 'The number, or the text, by which it is known.', schema: Type.String(), example: '1' },
  },
  types: ['application/json'],
  refusalTypes: ['application/problem+json'],
  refusal: 'Problem',
  schemas: OWN_SCHEMAS,
}
