export type { Check } from './check/check.ts'
export { compileCheck } from './check/check.ts'
export type { Contract, Direction, Encoding, Headers } from './contract.ts'
export { ContractRefused } from './contract.ts'
export type { DecideOptions } from './decide/decide.ts'
export { decide } from './decide/decide.ts'
export type { SampleOptions, Samples, ValidSample, ViolatingSample } from './decide/sample.ts'
export { sample } from './decide/sample.ts'
export type {
  ChangedPlace,
  Judgement,
  Mark,
  SchemaChange,
  SemanticDiff,
  SemanticDiffOptions,
} from './decide/semantic-diff.ts'
export { semanticDiff } from './decide/semantic-diff.ts'
export type { Policy, UnknownReason, Verdict } from './decide/verdict.ts'
export { ENGINE } from './decide/verdict.ts'
export type { EndpointContract, EndpointOptions, Method } from './endpoint.ts'
export { endpoint, endpointChannel } from './endpoint.ts'
export { explain } from './explain.ts'
export type { Finding } from './finding.ts'
export type { FindingCode } from './finding-codes.ts'
export type { Json, JsonObject } from './json.ts'
export type { Message } from './message.ts'
export { canonicalJson, fingerprint } from './schema/canonical.ts'
export type { Dialect } from './schema/dialect.ts'
export { parseJson } from './schema/json-text.ts'
export type { JsonSchema } from './schema/keywords.ts'
export { SCHEMA_LIMITS } from './schema/limits.ts'
export type { Schema, SchemaRead } from './schema/read.ts'
export { readSchema } from './schema/read.ts'
export type { Service, ServiceOptions } from './service.ts'
export { service } from './service.ts'
export type { StreamContract, StreamOptions } from './stream.ts'
export { reads, stream } from './stream.ts'
export type { Decode, Decoded, Encode, Encoded } from './wire/codec.ts'
export { compileDecode, compileEncode } from './wire/codec.ts'
