type Schemas = { readonly reasons: string }
type Place = { readonly host: string; readonly port: number }
type File = { readonly file: string }

/**
 * Every error that the registry throws, and its words. Codes are never reused and never renamed.
 * Messages that clients of the Schema Registry API compare byte for byte stand as that API words them.
 */
const MESSAGES = {
  // settings
  'setting.invalid': (of: { name: string; value: string; wanted: string }) =>
    `${of.name} is "${of.value}"; it must be ${of.wanted}.`,
  'setting.unsupported': () =>
    'DATABASE_URL is set, and this release of Concordat does not keep its data in PostgreSQL yet: unset it to use SQLite (--data DIR).',

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
  'store.closed': () => 'The store is closed.',

  // the server
  'server.port-taken': ({ host, port }: Place) =>
    `Port ${port} on ${host} is taken: stop what listens there, or choose another with --port or PORT.`,
  'server.cannot-listen': ({ host, port, reason }: Place & { reason: string }) =>
    `Cannot listen on ${host}, port ${port} (${reason}): choose others with --host and --port, or HOST and PORT.`,

  // requests
  'request.malformed': ({ reason }: { reason: string }) => `The request is refused: ${reason}.`,
  'subject.unknown': ({ subject }: { subject: string }) => `Subject '${subject}' not found.`,
  'subject.invalid': ({ subject }: { subject: string }) => `The specified subject '${subject}' is not a valid.`,
  'subject.context': ({ subject }: { subject: string }) =>
    `The specified subject '${subject}' names a context, and this release has none: leave the ":.context:" out.`,
  'version.unknown': ({ version }: { version: number }) => `Version ${version} not found.`,
  'version.invalid': ({ version }: { version: string }) =>
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  'version.not-next': () => 'Version is not one more than previous version',
  'schema.unknown': ({ id }: { id?: number }) => (id === undefined ? 'Schema not found' : `Schema ${id} not found`),
  'schema.refused': ({ reasons }: Schemas) => `Invalid schema: ${reasons}`,
  'schema.ambiguous': ({ reasons }: Schemas) => `Invalid schema, readers would differ on it: ${reasons}`,
  'schema.missing': () =>
    'Invalid schema: the member "schema" is missing or empty; send the schema there as JSON text.',
  'schema.type-unsupported': ({ type }: { type: string | undefined }) =>
    `${type === undefined ? 'A missing schemaType means AVRO, which' : `Schema type ${type}`} is not supported: Concordat keeps JSON Schema; send it with "schemaType": "JSON".`,
  'reference.unknown': ({ subject, version }: { subject: string; version: number }) =>
    `Invalid schema: it refers to version ${version} of subject '${subject}', which is not registered.`,
  'id.not-allowed': ({ subject }: { subject: string }) => `Subject ${subject} is not in import mode`,

  // the client
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

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
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
  return new RegistryError(code, messages[code](detail), options)
}
