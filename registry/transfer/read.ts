import { explain, type Json, parseJson, SCHEMA_LIMITS } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { AuditRow } from '../store/access.ts'
import { isOfServices } from '../store/restore.ts'
import type { StoreRecord, SubjectEntry, VersionEntry, VersionKey } from '../store/store.ts'
import { isWellFormed } from '../unicode.ts'
import {
  compileShapes,
  countRecord,
  FORM,
  type Footer,
  KINDS,
  type Kind,
  LAST_KIND,
  memberOf,
  OLDEST_FORM,
  type Shapes,
  SINCE,
  type TransferCounts,
  whyNot,
} from './form.ts'
import { checkOther, noServicesYet, type SeenServices } from './read-services.ts'

export type ReadRecord = { readonly record: StoreRecord; readonly length: number; readonly counts: TransferCounts }

/**
 * The records of an export, in its order. Refuses the first line that cannot be right, with its number; a file that is cut
 * off is refused at its end. What is remembered of each schema is its id and identity.
 */
export async function* readRecords(lines: AsyncIterable<string>): AsyncGenerator<ReadRecord> {
  const shapes = compileShapes()
  const seen = nothingYet()
  for await (const text of lines) {
    seen.lines += 1
    const { record, problem } = readLine(text, seen, shapes)
    if (problem !== undefined) throw registryError('import.refused', { line: seen.lines, reason: problem })
    if (record) yield { record, length: text.length, counts: seen.counts }
  }
  if (!seen.isEnded) throw registryError('import.refused', { line: seen.lines + 1, reason: CUT_OFF })
}

const CUT_OFF = 'the file ends here, before the last line of an export: it is cut off'

/** What the lines so far have said, as far as the later ones depend on it. */
type Seen = {
  lines: number
  form: number
  readonly services: SeenServices
  isEnded: boolean
  counts: TransferCounts
  kind: Kind | undefined
  lastId: number
  lastAudit: number
  readonly ids: Set<number>
  readonly identities: Set<string>
  lastVersion: VersionKey | undefined
  /** The highest versions of the subjects that have not had their own line yet. */
  readonly highest: Map<string, number>
  lastSubject: string | undefined
}

function nothingYet(): Seen {
  return {
    lines: 0,
    form: FORM,
    services: noServicesYet(),
    isEnded: false,
    counts: { schemas: 0, versions: 0, subjects: 0 },
    kind: undefined,
    lastId: 0,
    lastAudit: 0,
    ids: new Set(),
    identities: new Set(),
    lastVersion: undefined,
    highest: new Map(),
    lastSubject: undefined,
  }
}

type Problem = string | undefined

// A record holds the objects that a client sent one or two levels deeper than the request did.
const DEPTH = SCHEMA_LIMITS.depth + 5

function readLine(
  text: string,
  seen: Seen,
  shapes: Shapes,
): { readonly record?: StoreRecord; readonly problem?: Problem } {
  if (seen.isEnded) return { problem: 'it stands after the last line of the export' }
  const { value, findings } = parseJson(text, DEPTH)
  if (findings) return { problem: findings.slice(0, 3).map(explain).join('; ') }
  if (seen.lines === 1) return { problem: checkHeader(value, seen, shapes) }
  if (memberOf(value, 'concordat') !== undefined) return { problem: checkFooter(value, seen, shapes) }
  return readRecord(value, seen, shapes)
}

function checkHeader(value: Json, seen: Seen, { isHeader }: Shapes): Problem {
  if (!isHeader(value)) return `it is not the first line of an export, {"concordat":"export","form":${FORM}}`
  seen.form = value.form
  return value.form >= OLDEST_FORM && value.form <= FORM
    ? undefined
    : `its form is ${value.form}, and this release knows ${FORM}: run a newer release`
}

function checkFooter(value: Json, seen: Seen, { isFooter }: Shapes): Problem {
  if (!isFooter(value)) return whyNot(isFooter)
  if (seen.kind !== LAST_KIND[seen.form]) return `the export ends without its ${LAST_KIND[seen.form]}`
  seen.isEnded = true
  const found: Omit<Footer, 'concordat'> = { lines: seen.lines - 1, ...seen.counts }
  const wrong = (['lines', 'schemas', 'versions', 'subjects'] as const).find((name) => value[name] !== found[name])
  return wrong && `it counts ${value[wrong]} ${wrong}, and ${found[wrong]} stand above it`
}

function readRecord(value: Json, seen: Seen, { records }: Shapes): { record?: StoreRecord; problem?: Problem } {
  const named = memberOf(value, 'kind')
  const kind = KINDS.find((known) => known === named)
  if (kind === undefined) return { problem: `its kind ${JSON.stringify(named ?? null).slice(0, 60)} is unknown` }
  const isRecord = records[kind]
  if (!isRecord(value)) return { problem: whyNot(isRecord) }
  const problem = checkKind(kind, seen) ?? checkRecord(value, seen)
  if (problem !== undefined) return { problem }
  seen.counts = countRecord(seen.counts, value)
  return { record: value }
}

function checkKind(kind: Kind, seen: Seen): Problem {
  const before = seen.kind ?? 'schema'
  const last = LAST_KIND[seen.form]
  if (seen.kind === last) return `a record of the kind "${kind}" stands after the ${last}`
  if ((SINCE[kind] ?? 1) > seen.form) return `a record of the kind "${kind}" stands in an export of form ${seen.form}`
  if (KINDS.indexOf(kind) < KINDS.indexOf(before))
    return `a record of the kind "${kind}" stands after one of "${before}"`
  seen.kind = kind
  return undefined
}

function checkRecord(record: StoreRecord, seen: Seen): Problem {
  if (isOfServices(record)) return checkOther(record, seen.services, seen.ids)
  switch (record.kind) {
    case 'schema':
      return checkSchema(record.schema, seen)
    case 'version':
      return checkVersion(record.version, seen)
    case 'subject':
      return checkSubject(record.subject, seen)
    case 'counters':
      return checkCounters(record.maxId, seen)
    case 'audit':
      return checkAudit(record.row, seen)
  }
}

type Schema = Extract<StoreRecord, { kind: 'schema' }>['schema']

function checkSchema({ id, identity, text, references }: Schema, seen: Seen): Problem {
  if (id <= seen.lastId) return `schema ${id} stands twice, or after schema ${seen.lastId}`
  if (seen.identities.has(identity)) return `schema ${id} is the same as another: their identity is ${identity}`
  if (!text.isWellFormed()) return `the text of schema ${id} is ill-formed Unicode`
  if (references.some(({ subject }) => !isShort(subject))) return `schema ${id} refers to a subject ${TOO_LONG}`
  seen.lastId = id
  seen.ids.add(id)
  seen.identities.add(identity)
  return undefined
}

function checkVersion(entry: VersionEntry, seen: Seen): Problem {
  const { subject, version, id } = entry
  const what = `version ${version} of subject '${subject}'`
  if (!isName(subject)) return `its subject has a name that is ill-formed Unicode or ${TOO_LONG}`
  if (seen.lastVersion && !isBefore(seen.lastVersion, entry)) return `${what} stands twice, or out of order`
  if (!seen.ids.has(id)) return `${what} is schema ${id}, which is not in the export`
  seen.lastVersion = { subject, version }
  seen.highest.set(subject, version)
  return undefined
}

function checkSubject({ name, lastVersion }: SubjectEntry, seen: Seen): Problem {
  if (!isName(name)) return `its subject has a name that is ill-formed Unicode or ${TOO_LONG}`
  if (seen.lastSubject !== undefined && compareBytes(seen.lastSubject, name) >= 0)
    return `subject '${name}' stands twice, or out of order`
  const highest = seen.highest.get(name) ?? 0
  if (lastVersion < highest)
    return `the last version of subject '${name}' is ${lastVersion}, and it has version ${highest}`
  if (name === '' && lastVersion > 0) return `the global settings have the last version ${lastVersion} instead of 0`
  seen.lastSubject = name
  seen.highest.delete(name)
  return undefined
}

function checkCounters(maxId: number, { lastId, highest }: Seen): Problem {
  const [orphan] = highest.keys()
  if (orphan !== undefined) return `subject '${orphan}' has versions and no line of its own above the counters`
  return maxId < lastId ? `the highest id is ${maxId}, and there is schema ${lastId}` : undefined
}

function checkAudit({ id, ...row }: AuditRow, seen: Seen): Problem {
  if (!isWellFormed(row)) return 'it has a text that is ill-formed Unicode'
  if (id <= seen.lastAudit) return `audit row ${id} stands twice, or after row ${seen.lastAudit}`
  seen.lastAudit = id
  return undefined
}

// As long as names in requests may be; longer ones do not fit into PostgreSQL's indexes.
const NAME_BYTES = 2048
const TOO_LONG = `whose name is longer than ${NAME_BYTES} bytes`

function isName(name: string): boolean {
  return name.isWellFormed() && isShort(name)
}

function isShort(name: string): boolean {
  return Buffer.byteLength(name) <= NAME_BYTES
}

function isBefore(a: VersionKey, b: VersionKey): boolean {
  return (compareBytes(a.subject, b.subject) || a.version - b.version) < 0
}

/** As stores order names. */
function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
