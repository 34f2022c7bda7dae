import { Type } from '@sinclair/typebox'
import type { Operations } from './operation.ts'
import { PAGE, POLICY, putting, SERVICE, TO, VERBS, VERSION } from './own-parameters.ts'
import { needed, number, text, word } from './parameters.ts'
import { NEXT, refer } from './schemas.ts'

const READ = { type: 'object', properties: { option: { type: 'string' } }, required: ['option'] }
const SERVED = {
  openapi: '3.1.1',
  info: { title: 'tally', version: '1' },
  paths: {
    '/results/{poll}': {
      get: {
        parameters: [{ name: 'poll', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: { 200: { description: 'Results.', content: { 'application/json': { schema: READ } } } },
      },
    },
  },
}
const ENVIRONMENT = text('environment', 'The name of an environment.', 'production')
const ENDED = {
  200: { description: 'What ran.', schema: Type.Object({ ended: Type.Array(refer('Deployment')) }) },
}

/** Environments, and what runs there. */
export const ENVIRONMENTS: Operations = {
  'GET /api/environments': {
    id: 'listEnvironments',
    summary: 'Lists all environments',
    answers: {
      200: {
        description: 'Environments.',
        schema: Type.Object({ environments: Type.Array(refer('Environment')) }),
      },
    },
  },
  'GET /api/environments/:environment': {
    id: 'getEnvironment',
    summary: 'Tells what runs, is supported and is being rolled out in an environment',
    answers: { 200: { description: 'The environment.', schema: refer('EnvironmentNow') } },
    refusals: [404],
  },
  'PUT /api/environments/:environment': {
    id: 'putEnvironment',
    summary: 'Makes an environment, or changes it',
    body: { schema: 'EnvironmentRequest', examples: { production: { production: true, policy: 'as-declared' } } },
    answers: putting('The environment', refer('Environment')),
  },
  'DELETE /api/environments/:environment': {
    id: 'deleteEnvironment',
    summary: 'Deletes an environment in which nothing runs',
    answers: { 200: { description: 'What it was.', schema: refer('Environment') } },
    refusals: [404, 409],
  },
  'GET /api/environments/:environment/history': {
    id: 'listHistory',
    summary: 'Lists all that has run in an environment, the latest first',
    query: [SERVICE, ...PAGE],
    answers: {
      200: {
        description: 'What has run.',
        schema: Type.Object({ deployments: Type.Array(refer('Deployment')), ...NEXT }),
      },
    },
    refusals: [404],
  },
  'POST /api/environments/:environment/deployments': {
    id: 'recordDeployment',
    summary: 'Records that a version runs',
    body: {
      schema: 'DeploymentRequest',
      examples: { 'vote-api': { service: 'vote-api', version: '4f2a91c', instance: 'eu' } },
    },
    answers: putting(
      'The deployment',
      Type.Object({
        deployment: refer('Deployment'),
        ended: Type.Array(refer('Deployment')),
        closed: Type.Array(refer('Reservation')),
      }),
    ),
    refusals: [404],
  },
  'DELETE /api/environments/:environment/deployments/:service': {
    id: 'endDeployment',
    summary: 'Records that a service no longer runs',
    query: [text('instance', 'Which of several.', 'eu')],
    answers: ENDED,
    refusals: [404],
  },
  'POST /api/environments/:environment/releases': {
    id: 'recordRelease',
    summary: 'Records that a version is out with its users',
    body: { schema: 'ReleaseRequest', examples: { 'vote-api': { service: 'vote-api', version: '4f2a91c' } } },
    answers: putting('The release', Type.Object({ release: refer('Deployment') })),
    refusals: [404],
  },
  'DELETE /api/environments/:environment/releases/:service/:version': {
    id: 'endRelease',
    summary: 'Records that a version is no longer supported',
    answers: ENDED,
    refusals: [404],
  },
  'DELETE /api/reservations/:id': {
    id: 'giveUpReservation',
    summary: 'Gives a roll-out up that was started',
    answers: {
      200: { description: 'The reservation.', schema: Type.Object({ reservation: refer('Reservation') }) },
    },
    refusals: [404],
  },
}

const JUDGED = {
  200: { description: 'Yes, or no with the reasons: see `answer`.', schema: refer('GateAnswer') },
}

/** May this go there? And what somebody lets through by name. */
export const GATES: Operations = {
  'GET /api/can-i-deploy': {
    id: 'canIDeploy',
    summary: 'Tells whether a version may go there',
    query: [
      needed(SERVICE),
      needed(VERSION),
      text('instance', 'The slot that it would take.', 'eu'),
      TO,
      word('against', 'Beside the heads of all main branches, instead of an environment.', ['main']),
      POLICY,
    ],
    answers: JUDGED,
    refusals: [404],
  },
  'POST /api/can-i-deploy': {
    id: 'canIDeployTogether',
    summary: 'Tells whether several versions may go there, and reserves the place',
    body: {
      schema: 'GateRequest',
      examples: { 'vote-api': { versions: [{ service: 'vote-api', version: '4f2a91c' }], to: 'production' } },
    },
    answers: JUDGED,
    refusals: [404],
  },
  'POST /api/check': {
    id: 'check',
    summary: 'Tells whether contracts that are not published may go there',
    body: {
      schema: 'CheckRequest',
      examples: {
        tally: { service: 'tally', to: 'production', reads: [{ stream: 'votes', schema: READ }] },
        'tally from OpenAPI': { service: 'tally', against: 'main', openapi: SERVED },
      },
    },
    answers: JUDGED,
    refusals: [404, 422],
  },
  'POST /api/overrides': {
    id: 'recordOverride',
    summary: 'Lets something through by name',
    body: {
      schema: 'OverrideRequest',
      examples: {
        'for a day': {
          service: 'vote-api',
          version: '4f2a91c',
          environment: 'production',
          by: 'kim',
          reason: 'tally is off until Monday',
          expiresInSeconds: 86_400,
        },
      },
    },
    answers: { 201: { description: 'The override.', schema: refer('Override') } },
    refusals: [404],
  },
  'GET /api/overrides': {
    id: 'listOverrides',
    summary: 'Lists overrides that hold, or all of them',
    query: [word('all', 'Also those that have ended.', ['true', 'false']), ENVIRONMENT, SERVICE, ...PAGE],
    answers: {
      200: { description: 'Overrides.', schema: Type.Object({ overrides: Type.Array(refer('Override')), ...NEXT }) },
    },
  },
  'DELETE /api/overrides/:id': {
    id: 'endOverride',
    summary: 'Ends an override before its time',
    answers: { 200: { description: 'The override.', schema: refer('Override') } },
    refusals: [404],
  },
}

/** What can be asked of all contracts together. */
export const OVERVIEWS: Operations = {
  'GET /api/matrix': {
    id: 'getMatrix',
    summary: 'Tells the verdicts between versions of two services',
    query: [
      needed(text('writer', 'The service that writes.', 'vote-api')),
      needed(text('reader', 'The service that reads.', 'tally')),
      text('writerVersion', 'Only this version of it.', 'latest'),
      text('readerVersion', 'Only this version of it.', 'latest'),
      POLICY,
      number('limit', 'How many of the latest versions of each.', Type.Integer({ minimum: 1, maximum: 999_999_999 })),
    ],
    answers: {
      200: {
        description: 'Verdicts.',
        schema: Type.Object({ rows: Type.Array(refer('Pair')), isWhole: Type.Boolean() }),
      },
    },
    refusals: [404],
  },
  'GET /api/graph': {
    id: 'getGraph',
    summary: 'Tells which services take part in which channels',
    query: [ENVIRONMENT, word('format', 'As data, or as text to draw.', ['json', 'mermaid', 'dot'])],
    answers: {
      200: { description: 'The graph.', schema: refer('Graph'), types: { 'text/plain': Type.String() } },
    },
    refusals: [404],
  },
  'GET /api/impact': {
    id: 'getImpact',
    summary: 'Tells whom a version would break, and who must be told',
    query: [needed(SERVICE), needed(VERSION), needed(TO), POLICY],
    answers: { 200: { description: 'The impact.', schema: refer('Impact') } },
    refusals: [404],
  },
  'GET /api/fields': {
    id: 'listFields',
    summary: 'Lists the contracts that name a field, of what runs or came last',
    query: [needed(text('name', 'The name of a field.', 'option')), word('verb', 'What they do.', VERBS), ...PAGE],
    answers: {
      200: { description: 'Fields.', schema: Type.Object({ fields: Type.Array(refer('FieldUse')), ...NEXT }) },
    },
  },
}
