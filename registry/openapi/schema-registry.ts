import { Type } from '@sinclair/typebox'
import { CONTENT_TYPES } from '../schema-registry/answers.ts'
import { ok, tagged } from './answers.ts'
import type { Operations, Surface } from './operation.ts'
import { flag, number, text, texts } from './parameters.ts'
import { SCHEMA_REGISTRY_SCHEMAS } from './schema-registry-schemas.ts'
import { AnySchema, Count, Id, refer, Texts } from './schemas.ts'
import { SETTINGS } from './settings.ts'

const NORMALIZE = flag('normalize', 'Take the schema in its canonical form: keys sorted, no white space.')
const DELETED = flag('deleted', 'Also what has been deleted softly.')
const DELETED_ONLY = flag('deletedOnly', 'Only what has been deleted softly.')
const SLICE = [
  number('offset', 'How many entries to leave out.', Count),
  number('limit', 'How many entries to answer; all where it is below 1.', Type.Integer()),
]
const PREFIX = text('subjectPrefix', 'Only subjects whose names begin with this.', 'vot')
const PERMANENT = flag('permanent', 'Take away for good what has been deleted softly.')
const SUBJECT = text('subject', 'Only what belongs to this subject.', 'votes')

const SCHEMA = JSON.stringify({
  type: 'object',
  properties: { option: { enum: ['cats', 'dogs'] } },
  required: ['option'],
})
const SENT = { schema: 'SchemaRequest', examples: { votes: { schemaType: 'JSON', schema: SCHEMA } } }

const VERSION = refer('SubjectVersion')

const SUBJECTS: Operations = {
  'GET /subjects': {
    id: 'listSubjects',
    summary: 'Lists the names of subjects',
    query: [PREFIX, DELETED, DELETED_ONLY, ...SLICE],
    answers: ok('Names.', Texts),
  },
  'POST /subjects/:subject': {
    id: 'lookUpSchema',
    summary: 'Looks up under which version a subject has a schema',
    query: [NORMALIZE, DELETED],
    body: SENT,
    answers: ok('The version.', VERSION),
    refusals: [404, 422],
  },
  'DELETE /subjects/:subject': {
    id: 'deleteSubject',
    summary: 'Deletes all versions of a subject',
    query: [PERMANENT],
    answers: ok('The numbers of the versions.', Type.Array(Id)),
    refusals: [404, 422],
  },
  'GET /subjects/:subject/versions': {
    id: 'listVersions',
    summary: "Lists the numbers of a subject's versions",
    query: [DELETED, DELETED_ONLY, flag('deletedAsNegative', 'Deleted ones as negative numbers.'), ...SLICE],
    answers: ok('Numbers.', Type.Array(Type.Integer())),
    refusals: [404],
  },
  'POST /subjects/:subject/versions': {
    id: 'registerSchema',
    summary: "Makes a schema a subject's next version",
    query: [NORMALIZE, flag('force', 'Register whatever the compatibility level says.')],
    body: SENT,
    answers: ok('The version that the schema is.', refer('RegisteredSchema')),
    refusals: [409, 422],
  },
  'GET /subjects/:subject/versions/:version': {
    id: 'getVersion',
    summary: 'Gets a version of a subject',
    query: [DELETED],
    answers: ok('The version.', VERSION),
    refusals: [404, 422],
  },
  'DELETE /subjects/:subject/versions/:version': {
    id: 'deleteVersion',
    summary: 'Deletes a version of a subject',
    query: [PERMANENT],
    answers: ok('The number of the version.', Id),
    refusals: [404, 422],
  },
  'GET /subjects/:subject/versions/:version/schema': {
    id: 'getVersionText',
    summary: "Gets the text of a version's schema",
    query: [DELETED],
    answers: ok('The schema itself.', AnySchema),
    refusals: [404, 422],
  },
  'GET /subjects/:subject/versions/:version/referencedby': {
    id: 'listReferrers',
    summary: 'Lists the ids of the schemas that refer to a version',
    query: [DELETED, ...SLICE],
    answers: ok('Ids.', Type.Array(Id)),
    refusals: [404, 422],
  },
  'GET /subjects/:subject/metadata': {
    id: 'findByMetadata',
    summary: 'Gets the latest version whose metadata has these properties',
    query: [texts('key', 'Names of properties.'), texts('value', 'Their values, in the same order.')],
    answers: ok('The version.', VERSION),
    refusals: [404],
  },
}

const SCHEMAS: Operations = {
  'GET /schemas': {
    id: 'listSchemas',
    summary: 'Lists versions of all subjects with their schemas',
    query: [PREFIX, DELETED, DELETED_ONLY, flag('latestOnly', 'Only the latest of each subject.'), ...SLICE],
    answers: ok('Versions, 1,000 at most.', Type.Array(VERSION)),
  },
  'GET /schemas/types': {
    id: 'listSchemaTypes',
    summary: 'Lists the types of schemas that are kept',
    answers: ok('Types.', Texts),
  },
  'GET /schemas/ids/:id': {
    id: 'getSchema',
    summary: 'Gets a schema by its id',
    query: [SUBJECT, flag('fetchMaxId', 'Tell the highest id that has been given, too.')],
    answers: tagged('The schema.', refer('Schema')),
    refusals: [404],
  },
  'GET /schemas/ids/:id/schema': {
    id: 'getSchemaText',
    summary: 'Gets the text of a schema',
    answers: tagged('The schema itself.', AnySchema),
    refusals: [404],
  },
  'GET /schemas/ids/:id/subjects': {
    id: 'listSubjectsOfSchema',
    summary: 'Lists the subjects that have a schema',
    query: [DELETED, DELETED_ONLY, SUBJECT, ...SLICE],
    answers: ok('Names.', Texts),
    refusals: [404],
  },
  'GET /schemas/ids/:id/versions': {
    id: 'listVersionsOfSchema',
    summary: 'Lists the versions that a schema is',
    query: [DELETED, DELETED_ONLY, SUBJECT, ...SLICE],
    answers: ok('Versions.', Type.Array(refer('SchemaUse'))),
    refusals: [404],
  },
  'GET /schemas/guids/:guid': {
    id: 'getSchemaByGuid',
    summary: 'Gets a schema by its guid',
    answers: ok('The schema.', refer('Schema')),
    refusals: [404],
  },
  'GET /schemas/guids/:guid/ids': {
    id: 'listIdsOfGuid',
    summary: 'Lists the ids of a guid',
    answers: ok('Ids.', Type.Array(Type.Object({ context: Type.String(), id: Id }))),
    refusals: [404],
  },
}

const VERBOSE = flag('verbose', 'Say why, and tell what was proved where all is well.')
const WHETHER = ok('Whether it would be registered.', refer('Compatibility'))

const COMPATIBILITY: Operations = {
  'POST /compatibility/subjects/:subject/versions/:version': {
    id: 'testAgainstVersion',
    summary: 'Tells whether a schema would be refused on account of a version',
    query: [NORMALIZE, VERBOSE],
    body: SENT,
    answers: WHETHER,
    refusals: [404, 422],
  },
  'POST /compatibility/subjects/:subject/versions': {
    id: 'testCompatibility',
    summary: 'Tells whether a schema would be refused at all',
    query: [NORMALIZE, VERBOSE],
    body: SENT,
    answers: WHETHER,
    refusals: [422],
  },
}

const ROOT: Operations = {
  'GET /': { id: 'getRoot', summary: 'Tells that the registry is there', answers: ok('Nothing.', Type.Object({})) },
}

/** The Schema Registry API, as its existing clients speak it. */
export const SCHEMA_REGISTRY: Surface = {
  name: 'SchemaRegistry',
  description: 'The Schema Registry API, for its existing clients. Flags are true where they are `true`.',
  operations: { ...SUBJECTS, ...SCHEMAS, ...COMPATIBILITY, ...SETTINGS, ...ROOT },
  readsBodies: true,
  path: {
    subject: { description: 'The name of a subject.', schema: Type.String(), example: 'votes' },
    version: { description: 'A number, `latest`, or -1 for the same.', schema: Type.String(), example: 'latest' },
    id: { description: 'The id of a schema.', schema: Id, example: 1 },
    guid: {
      description: 'The guid of a schema.',
      schema: Type.String(),
      example: '7f0c1d52-3a8e-4b6f-9d3e-5a1b2c3d4e5f',
    },
  },
  types: CONTENT_TYPES,
  refusalTypes: CONTENT_TYPES,
  refusal: 'Refusal',
  schemas: SCHEMA_REGISTRY_SCHEMAS,
}
