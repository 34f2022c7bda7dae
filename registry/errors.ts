type Reasons = { readonly reasons: string }
type Place = { readonly host: string; readonly port: number }
type Version = { readonly subject: string; readonly version: number }
type File = { readonly file: string }
type Counts = { readonly schemas: number; readonly versions: number }
type ServiceVersion = { readonly service: string; readonly version: string }
type Near = { readonly near: readonly string[] }
/** When to come back, which the answer tells in Retry-After. */
type Later = { readonly seconds: number }
type RateReached = { readonly of: string; readonly most: number; readonly within: number; readonly setting: string }

/**
 * Every error that the registry throws, and its words. Codes are never reused and never renamed.
 * Messages that clients of the Schema Registry API compare byte for byte stand as that API words them.
 */
const MESSAGES = {
  // settings
  /** One line for each setting. */
  'setting.invalid': ({ reasons }: Reasons) => reasons,

  // the store
  'store.not-a-folder': ({ file }: File) =>
    `The data folder "${file}" is a file or lies below one: name another folder with --data.`,
  'store.not-writable': ({ file, reason }: File & { reason: string }) =>
    `"${file}" cannot be opened and written (${reason}): mend its permissions, or name another folder with --data.`,
  'store.damaged': ({ file, reason }: File & { reason: string }) =>
    `"${file}" is damaged or no Concordat database (${reason}): put a backup in its place, or name another folder with --data.`,
  'store.newer': ({ file, found, known }: File & { found: number; known: number }) =>
    `"${file}" was written by a newer Concordat (its form is ${found}, this release knows ${known}): run the newer release.`,
  'store.busy': ({ waitedMs }: { waitedMs: number }) =>
    `The database was locked by another process for ${waitedMs} ms: try again.`,
  'store.unavailable': ({ reason }: { reason: string }) =>
    `The database does not answer (${reason}): requests are refused until it does; try again later.`,
  'store.refused': ({ database, reason }: { database: string; reason: string }) =>
    `The database "${database}" cannot be used (${reason}): check DATABASE_URL or its parts, and what the user may do there.`,
  'store.closed': () => 'The store is closed.',
  'driver.missing': ({ driver, setting }: { driver: string; setting: string }) =>
    `${setting} is set, and the package "${driver}" is not installed: run "npm install ${driver}".`,

  // Redis
  'redis.unavailable': ({ reason }: { reason: string }) =>
    `Redis does not answer (${reason}): /ready says so until it does; check REDIS_URL or its parts.`,

  // moving data
  'export.no-database': ({ file }: File) =>
    `"${file}" is not there, so there is nothing to export: name the folder that keeps the data with --data.`,
  'export.not-writable': ({ file, reason }: File & { reason: string }) =>
    `"${file}" cannot be written (${reason}): name another file with --out.`,
  'import.not-empty': () =>
    'The store is not empty: import into a new folder (--data DIR) or a new database, where all ids are free.',
  'import.refused': ({ line, reason }: { line: number; reason: string }) =>
    `Line ${line} of the file cannot be imported (${reason}): export again, or take another copy.`,
  'import.incomplete': ({ written, wanted, reason }: { written: Counts; wanted: Counts; reason: string }) =>
    `The import stopped after ${written.schemas} of ${wanted.schemas} schemas and ${written.versions} of ${wanted.versions} versions (${reason}): throw what it has written away, and import into a new folder or database.`,

  // the server
  'server.port-taken': ({ host, port }: Place) =>
    `Port ${port} on ${host} is taken: stop what listens there, or choose another with --port or PORT.`,
  'server.cannot-listen': ({ host, port, reason }: Place & { reason: string }) =>
    `Cannot listen on ${host}, port ${port} (${reason}): choose others with --host and --port, or HOST and PORT.`,

  // requests
  'request.malformed': ({ reason }: { reason: string }) => `The request is refused: ${reason}.`,
  'server.crowded': ({ reason, seconds }: { reason: string } & Later) =>
    `The registry has too much to do (${reason}): try again in ${seconds} s.`,
  'rate.limited': ({ of, most, within, setting, seconds }: RateReached & Later) =>
    `More than ${most} ${of} within ${within} s are refused (${setting}): try again in ${seconds} s.`,
  'rate.unknown': ({ of, reason, seconds }: { of: string; reason: string } & Later) =>
    `Nobody can tell how many ${of} there have been (Redis: ${reason}), so they are refused: try again in ${seconds} s.`,
  'idempotency.invalid-key': () =>
    'The header Idempotency-Key must have from 1 to 255 printable ASCII characters: send a random UUID.',
  'idempotency.different': ({ key }: { key: string }) =>
    `The Idempotency-Key "${key}" came before with another request: give each request a key of its own.`,
  'idempotency.under-way': ({ key, seconds }: { key: string } & Later) =>
    `The request with the Idempotency-Key "${key}" is still under way: send it again in ${seconds} s.`,
  'idempotency.secret': () =>
    'An answer that has a token is not kept, so that it cannot be given again: leave Idempotency-Key out, and revoke the token of an answer that was lost.',
  'subject.unknown': ({ subject }: { subject: string }) => `Subject '${subject}' not found.`,
  'subject.soft-deleted': ({ subject }: { subject: string }) =>
    `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`,
  'subject.not-soft-deleted': ({ subject }: { subject: string }) =>
    `Subject '${subject}' was not deleted first before being permanently deleted`,
  'subject.contended': ({ subject, attempts }: { subject: string; attempts: number }) =>
    `Subject '${subject}' was changed by others during each of ${attempts} attempts to register: try again later.`,
  'subject.invalid': ({ subject }: { subject: string }) => `The specified subject '${subject}' is not a valid.`,
  'subject.context': ({ subject }: { subject: string }) =>
    `The specified subject '${subject}' names a context, and this release has none: leave the ":.context:" out.`,
  'version.unknown': ({ version }: { version: number }) => `Version ${version} not found.`,
  'version.soft-deleted': ({ subject, version }: Version) =>
    `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
  'version.not-soft-deleted': ({ subject, version }: Version) =>
    `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
  'version.invalid': ({ version }: { version: string }) =>
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  'version.not-next': () => 'Version is not one more than previous version',
  'schema.unknown': ({ id }: { id?: number | string }) =>
    id === undefined ? 'Schema not found' : `Schema ${id} not found`,
  'schema.refused': ({ reasons }: Reasons) => `Invalid schema: ${reasons}`,
  'schema.ambiguous': ({ reasons }: Reasons) => `Invalid schema, readers would differ on it: ${reasons}`,
  'schema.missing': () =>
    'Invalid schema: the member "schema" is missing or empty; send the schema there as JSON text.',
  'schema.type-unsupported': ({ type }: { type: string | undefined }) =>
    `${type === undefined ? 'A missing schemaType means AVRO, which' : `Schema type ${type}`} is not supported: Concordat keeps JSON Schema; send it with "schemaType": "JSON".`,
  'schema.incompatible': ({ subject }: { subject: string }) =>
    `Schema being registered is incompatible with an earlier schema for subject "${subject}"`,
  'decider.busy': ({ waiting }: { waiting: number }) =>
    `${waiting} other schemas wait to be read or compared: try again later.`,
  'reference.invalid-name': ({ name }: { name: string }) =>
    `Invalid schema: the name "${name}" of a reference has a "#"; name the document, and let "$ref" say which part.`,
  'reference.unknown': ({ subject, version }: Version) =>
    `Invalid schema: it refers to version ${version} of subject '${subject}', which is not registered.`,
  'reference.ambiguous': ({ name, one, other }: { name: string; one: string; other: string }) =>
    `Invalid schema: the name "${name}" refers to ${one} and to ${other}; a name may refer to one only.`,
  'reference.too-many': ({ most }: { most: number }) =>
    `Invalid schema: it refers to more than ${most} other schemas, directly and through others.`,
  'reference.other-dialect': ({ name }: { name: string }) =>
    `Invalid schema: it refers to "${name}", which is of another dialect; both need the same "$schema".`,
  'reference.exists': ({ subject, version }: Version) =>
    `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  'id.not-allowed': ({ subject }: { subject: string }) => `Subject ${subject} is not in import mode`,

  // what is set for subjects
  'config.not-set': ({ subject }: { subject: string }) =>
    `Subject '${subject}' does not have subject-level compatibility configured`,
  'config.unsupported': ({ name }: { name: string }) =>
    `The setting "${name}" is not supported: Concordat would not act on it; leave it out.`,
  'level.invalid': () =>
    'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
  'policy.invalid': ({ policy }: { policy: string }) =>
    `Compatibility policy ${policy} is not supported. Valid values are STRICT, all that the schema allows, and AS_DECLARED, only what it declares: another would say "compatible" of what breaks.`,
  'mode.not-set': ({ subject }: { subject: string }) =>
    `Subject '${subject}' does not have subject-level mode configured`,
  'mode.invalid': ({ mode }: { mode: string }) =>
    `Invalid mode. Valid values are READWRITE, READONLY and READONLY_OVERRIDE; "${mode}" is none of them.`,
  'mode.read-only': ({ subject }: { subject: string | null }) =>
    `${subject === null ? 'The registry' : `Subject ${subject} in context .`} is in read-only mode`,

  // access
  'access.unauthenticated': ({ needed }: { needed: string }) =>
    `This needs a token with the scope ${needed}, and none was sent: send one as "Authorization: Bearer <token>"; "concordat tokens create" makes one.`,
  'access.token-refused': () =>
    'The token that was sent is not good: it is unknown, revoked or expired. Send another; "concordat tokens create" makes one.',
  'access.too-many-bad-tokens': ({ seconds }: { seconds: number }) =>
    `Too many bad tokens were sent from here: mend the token, and try again in ${seconds} s.`,
  'access.denied': ({ who, needed, scopes }: { who: string; needed: string; scopes: readonly string[] }) =>
    `"${who}" may not do this: it needs the scope ${needed}, and has ${scopes.slice(0, SCOPES_TOLD).join(', ')}: send a token that has it.`,
  'access.foreign-host': ({ host }: { host: string }) =>
    `Access is open to this machine alone, and the Host "${host}" does not name it: call it as localhost or 127.0.0.1, or set ACCESS=tokens and send a token.`,
  'access.foreign-origin': ({ origin }: { origin: string }) =>
    `A page of the origin ${origin} may not call this registry: name the origin in CORS_ORIGINS if it is yours.`,
  'token.unknown': ({ id }: { id: string }) =>
    `There is no token with the id "${id}": "concordat tokens list" shows what there is.`,
  'token.refused': ({ reason }: { reason: string }) => `The token is not made: ${reason}.`,

  // services, environments and gates
  'name.invalid': ({ what, name, rule }: { what: string; name: string; rule: string }) =>
    `"${name}" cannot name ${what}: use ${rule}.`,
  'service.unknown': ({ service, near }: { service: string } & Near) =>
    `There is no service "${service}"${orNear(near)}: publish its contracts first.`,
  'service-version.unknown': ({ service, version, near }: ServiceVersion & Near) =>
    `The service "${service}" has no version "${version}"${orNear(near)}: publish its contracts first.`,
  'environment.unknown': ({ environment, near }: { environment: string } & Near) =>
    `There is no environment "${environment}"${orNear(near)}: make it with PUT /api/environments/${encodeURIComponent(environment)}.`,
  'service.in-use': ({ service, reason }: { service: string; reason: string }) =>
    `The service "${service}" is not deleted, since ${reason}: delete it when that is over.`,
  'environment.in-use': ({ environment, reason }: { environment: string; reason: string }) =>
    `The environment "${environment}" is not deleted, since ${reason} there: record that this is over first.`,
  'environment.built-in': ({ environment }: { environment: string }) =>
    `The environment "${environment}" is there without anybody having made it, and stays: leave it unused.`,
  'environment.contended': ({ environment, attempts }: { environment: string; attempts: number }) =>
    `${environment} was changed by others during each of ${attempts} attempts to start: try again later.`,
  'channel.unknown': ({ channel, near }: { channel: string } & Near) =>
    `No contract names the channel "${channel}"${orNear(near)}: publish one, or mend the name.`,
  'deployment.unknown': ({ service, version, environment }: Partial<ServiceVersion> & { environment: string }) =>
    `Nothing of ${[service, version].filter(Boolean).join(' ')} that could end is recorded in ${environment}: look at what is with GET /api/environments/${encodeURIComponent(environment)}.`,
  'reservation.unknown': ({ id }: { id: string }) => `There is no open reservation ${id}: it may be closed already.`,
  'override.unknown': ({ id }: { id: string }) => `There is no override ${id} that holds: it may have ended already.`,
  'contract.refused': ({ channel, reasons }: { channel: string; findings: readonly object[] } & Reasons) =>
    `The contract of ${channel} is refused: ${reasons}`,
  'contract.disagrees': ({ channel, direction }: { channel: string; direction: string }) =>
    `Two contracts say what the service ${direction} on ${channel}, and not the same: say it in one.`,
  'contracts.too-many': ({ count, most }: { count: number; most: number }) =>
    `${count} contracts are more than a version may have, which is ${most}: split the service.`,
  'contracts.published-otherwise': ({
    service,
    version,
    told,
  }: ServiceVersion & { told: string; differences: unknown }) =>
    `${service} ${version} has published other contracts already (${told}), and a version never changes: publish these under another version.`,
  'openapi.refused': ({ reason }: { reason: string }) => `The OpenAPI document is refused: ${reason}.`,

  // the client
  'client.token-unsendable': () =>
    'The token for the registry cannot be sent: it must be of visible ASCII characters, without spaces.',
  'registry.unreachable': ({ url, reason }: { url: string; reason: string }) =>
    `The registry cannot be reached at ${url} (${reason}): check the address, and start one with "concordat serve".`,
  'registry.refused': ({ message }: { message: string }) => message,
  'registry.not-understood': ({ url, status }: { url: string; status: number }) =>
    `${url} answered ${status} with something that no schema registry says: check the address.`,
} as const

export type RegistryErrorCode = keyof typeof MESSAGES
type Details = { [Code in RegistryErrorCode]: Parameters<(typeof MESSAGES)[Code]>[0] }
const messages: { readonly [Code in RegistryErrorCode]: (detail: Details[Code]) => string } = MESSAGES

/** A failure of the registry, its store or its client, told apart by `code`. */
export class RegistryError extends Error {
  override readonly name: string = 'RegistryError'
  readonly code: RegistryErrorCode
  /** What the message says, as data. */
  readonly details: object

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions, details: object = {}) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** The same error, told of a place in what was sent. */
export function errorAt(error: unknown, at: string): unknown {
  if (!(error instanceof RegistryError)) return error
  return new RegistryError(error.code, error.message, { cause: error }, { ...error.details, at })
}

/** A refusal by the registry's server, as its client throws it: with the server's message, HTTP status and error code. */
export class RegistryRefusal extends RegistryError {
  override readonly name = 'RegistryRefusal'
  readonly status: number
  readonly errorCode: number

  constructor(answer: { readonly status: number; readonly errorCode: number; readonly message: string }) {
    super('registry.refused', messages['registry.refused'](answer))
    this.status = answer.status
    this.errorCode = answer.errorCode
  }
}

export function registryError<Code extends RegistryErrorCode>(
  code: Code,
  detail: Details[Code],
  options?: ErrorOptions,
): RegistryError {
  return new RegistryError(code, messages[code](detail), options, { ...detail })
}

/** When whoever was turned away on purpose may come back, in seconds; such errors are counted, and not logged. */
export function comeBackAfter(error: unknown): number | undefined {
  return error instanceof RegistryError && 'seconds' in error.details ? Number(error.details.seconds) : undefined
}

/** What every 401 tells of how to come in. Basic is taken too, but named here it would have browsers ask for a password. */
export const CHALLENGE = 'Bearer realm="concordat"'

/** A token may have many, and who needs to know them all can list them. */
const SCOPES_TOLD = 10

function orNear(near: readonly string[]): string {
  return near.length === 0 ? '' : ` (did you mean ${near.map((name) => `"${name}"`).join(' or ')}?)`
}
