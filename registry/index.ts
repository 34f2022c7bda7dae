export type { AccessOptions } from './access/identify.ts'
export type {
  CallOptions,
  ClientOptions,
  RegisteredSchema,
  RegisteredVersion,
  RegistryClient,
  SchemaSource,
} from './client.ts'
export { createRegistryClient } from './client.ts'
export type { RegistryErrorCode } from './errors.ts'
export { RegistryError, RegistryRefusal } from './errors.ts'
export type { Rate, RateClass, Rates } from './limits/rates.ts'
export type { LogOptions } from './operations/log.ts'
export type { Certificate, RegistryMetrics } from './operations/metrics.ts'
export { createRegistryMetrics } from './operations/metrics.ts'
export type { ServerLimits, ServerOptions } from './server.ts'
export { buildServer, listen, SERVER_LIMITS } from './server.ts'
export type { PostgresOptions } from './store/postgres/open.ts'
export { openPostgresStore } from './store/postgres/open.ts'
export type { SqliteOptions } from './store/sqlite/open.ts'
export { openSqliteStore } from './store/sqlite/open.ts'
export type { Store } from './store/store.ts'
export type { TlsFiles } from './tls/files.ts'
export type { TlsHandle, TlsOptions } from './tls/tls.ts'
export { openTls } from './tls/tls.ts'
export type { Decider } from './verdicts/decider.ts'
export { createDecider } from './verdicts/decider.ts'
