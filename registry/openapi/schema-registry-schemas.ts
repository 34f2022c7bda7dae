import { Type } from '@sinclair/typebox'
import { ModeRequest, SchemaRequest } from '../schema-registry/requests.ts'
import { ConfigRequest } from '../subjects/config.ts'
import { LEVELS } from '../subjects/levels.ts'
import { AnyObject, Id, oneOf, optional, refer, Texts } from './schemas.ts'

const Content = {
  guid: Type.String(),
  schemaType: oneOf(['JSON']),
  references: optional(Type.Array(refer('SchemaReference'))),
  metadata: optional(AnyObject),
  ruleSet: optional(AnyObject),
  schema: Type.String({ description: 'The text of the schema, as it was sent or normalised.' }),
}

const Settings = {
  compatibilityPolicy: optional(oneOf(['STRICT', 'AS_DECLARED'])),
  compatibilityGroup: optional(Type.String()),
  normalize: optional(Type.Boolean()),
  defaultMetadata: optional(AnyObject),
  overrideMetadata: optional(AnyObject),
  defaultRuleSet: optional(AnyObject),
  overrideRuleSet: optional(AnyObject),
}

/** What the Schema Registry API reads and answers. */
export const SCHEMA_REGISTRY_SCHEMAS = {
  SchemaRequest,
  ConfigRequest,
  ModeRequest,
  Refusal: Type.Object(
    { error_code: Type.Integer(), message: Type.String() },
    { description: 'A refusal: its number begins with the HTTP status.' },
  ),
  SchemaReference: Type.Object({ name: Type.String(), subject: Type.String(), version: Type.Integer() }),
  RegisteredSchema: Type.Object({ id: Id, version: Id, ...Content }),
  Schema: Type.Object({
    ...Content,
    subject: optional(Type.String()),
    version: optional(Id),
    maxId: optional(Type.Integer()),
  }),
  SubjectVersion: Type.Object({ subject: Type.String(), version: Id, id: Id, ...Content }),
  SchemaUse: Type.Object({ subject: Type.String(), version: Id }),
  Compatibility: Type.Object({ is_compatible: Type.Boolean(), messages: optional(Texts) }),
  Config: Type.Object({ compatibilityLevel: optional(oneOf(LEVELS)), ...Settings }),
  ChangedConfig: Type.Object({ compatibility: optional(oneOf(LEVELS)), ...Settings }),
  Mode: Type.Object({ mode: oneOf(['READWRITE', 'READONLY', 'READONLY_OVERRIDE']) }),
  ChangedMode: Type.Object({ mode: Type.Unsafe({ type: ['string', 'null'] }) }),
}
