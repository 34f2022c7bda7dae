import { Type } from '@sinclair/typebox'
import { CONTENT_TYPES } from '../schema-registry/answers.ts'
import type { Surface } from './operation.ts'
import { oneOf, refer } from './schemas.ts'

/** For whoever runs the registry. */
export const OPERATIONS: Surface = {
  name: 'Operations',
  description: 'For whoever runs the registry: whether it lives, whether it can answer, and how it does.',
  operations: {
    'GET /health': {
      id: 'getHealth',
      summary: 'Tells that the process lives',
      answers: { 200: { description: 'It does.', schema: refer('Health') } },
    },
    'GET /ready': {
      id: 'getReadiness',
      summary: 'Tells whether the database, and Redis where there is one, answer',
      answers: {
        200: { description: 'They do.', schema: refer('Ready') },
        503: { description: 'Something does not answer, or the registry stops.', schema: refer('NotReady') },
      },
    },
    'GET /metrics': {
      id: 'getMetrics',
      summary: 'Tells how the registry does, for Prometheus',
      answers: { 200: { description: 'Metrics.', types: { 'text/plain': Type.String() } } },
    },
  },
  readsBodies: false,
  path: {},
  types: ['application/json'],
  refusalTypes: CONTENT_TYPES,
  refusal: 'Refusal',
  schemas: {
    Health: Type.Object({ status: oneOf(['ok']) }),
    Ready: Type.Object({ status: oneOf(['ready']) }),
    NotReady: Type.Object({ status: oneOf(['not_ready']), error: Type.String() }),
  },
}
