import { Type } from '@sinclair/typebox'
import type { Operations } from './operation.ts'
import { PAGE, putting, VERBS } from './own-parameters.ts'
import { text, word } from './parameters.ts'
import { NEXT, refer } from './schemas.ts'

const SCHEMA = { type: 'object', properties: { option: { enum: ['cats', 'dogs'] } }, required: ['option'] }
const VERSION = refer('VersionWithContracts')

/** Services, their versions, and what these publish. */
export const SERVICES: Operations = {
  'GET /api/services': {
    id: 'listServices',
    summary: 'Lists services by name, with their latest versions',
    query: PAGE,
    answers: {
      200: {
        description: 'Services.',
        schema: Type.Object({ services: Type.Array(refer('ServiceInList')), ...NEXT }),
      },
    },
  },
  'GET /api/services/:service': {
    id: 'getService',
    summary: 'Gets a service and its versions, the latest first',
    query: PAGE,
    answers: { 200: { description: 'The service.', schema: refer('ServiceWithVersions') } },
    refusals: [404],
  },
  'PUT /api/services/:service': {
    id: 'putService',
    summary: 'Makes a service, or sets its main branch',
    body: { schema: 'ServiceRequest', examples: { main: { mainBranch: 'main' } } },
    answers: putting('The service', refer('Service')),
  },
  'DELETE /api/services/:service': {
    id: 'deleteService',
    summary: 'Deletes a service that runs nowhere, with all that is recorded of it',
    answers: { 200: { description: 'What it was.', schema: refer('Service') } },
    refusals: [404, 409],
  },
  'GET /api/services/:service/versions/:version': {
    id: 'getServiceVersion',
    summary: 'Gets a version, its branches, its contracts, and where it runs',
    answers: { 200: { description: 'The version.', schema: VERSION } },
    refusals: [404],
  },
  'PUT /api/services/:service/versions/:version': {
    id: 'putServiceVersion',
    summary: 'Makes a version, puts it on a branch, or sets its build URL',
    body: {
      schema: 'VersionRequest',
      examples: { 'on main': { branch: 'main', buildUrl: 'https://ci.example/17' } },
    },
    answers: putting('The version', refer('Version')),
  },
  'GET /api/services/:service/versions/:version/contracts': {
    id: 'listContracts',
    summary: 'Lists the contracts of a version with their schemas',
    answers: {
      200: {
        description: 'Contracts.',
        schema: Type.Object({
          service: Type.String(),
          version: Type.String(),
          contracts: Type.Array(refer('ContractWithSchema')),
        }),
      },
    },
    refusals: [404],
  },
  'POST /api/services/:service/versions/:version/contracts': {
    id: 'publishContracts',
    summary: 'Publishes the contracts of a version',
    body: {
      schema: 'PublishRequest',
      examples: { votes: { branch: 'main', writes: [{ stream: 'votes', schema: SCHEMA }] } },
    },
    answers: putting('The version with its contracts', VERSION),
    refusals: [409, 422],
  },
}

const CHANNEL = Type.String()

/** Channels: who takes part in them, and with which schemas. */
export const CHANNELS: Operations = {
  'GET /api/channels': {
    id: 'listChannels',
    summary: 'Lists streams and operations with who takes part',
    query: [text('prefix', 'Only names that begin with this.', 'stream:'), ...PAGE],
    answers: {
      200: { description: 'Channels.', schema: Type.Object({ channels: Type.Array(refer('ChannelInList')), ...NEXT }) },
    },
  },
  'GET /api/channels/:channel': {
    id: 'getChannel',
    summary: 'Tells who writes and reads a channel, in which versions, running where',
    query: [text('environment', 'Only what runs there.', 'production'), ...PAGE],
    answers: {
      200: {
        description: 'The channel.',
        schema: Type.Object({ channel: CHANNEL, contracts: Type.Array(refer('Participant')), ...NEXT }),
      },
    },
    refusals: [404],
  },
  'GET /api/channels/:channel/schemas': {
    id: 'listChannelSchemas',
    summary: 'Lists the different schemas with which a channel is written',
    query: [
      word('verb', 'What is done with the schemas; writing or serving unless told otherwise.', VERBS),
      text('environment', 'Only those of what runs there.', 'production'),
    ],
    answers: {
      200: {
        description: 'Schemas.',
        schema: Type.Object({
          channel: CHANNEL,
          verb: word('verb', '', VERBS).schema,
          schemas: Type.Array(refer('ChannelSchema')),
        }),
      },
    },
    refusals: [404],
  },
}
