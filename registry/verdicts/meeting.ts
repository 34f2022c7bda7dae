import {
  compileDecode,
  compileEncode,
  type DecideOptions,
  decide,
  ENGINE,
  type Finding,
  type Json,
  type JsonSchema,
  type Policy,
  readSchema,
  type Schema,
  type Verdict,
} from '../../contracts/index.ts'

/** How one side puts a message on the wire, or looks for it there. */
export type WireForm = {
  readonly encoding: 'fields' | 'json' | 'http'
  readonly field?: string
  readonly headers?: string
}

/**
 * What is compared: values, the entries of a `fields` stream, the parts of an HTTP message; what one form writes and another
 * looks for; or a status of which the reader says nothing.
 */
export type Meeting =
  | 'json'
  | 'fields'
  | 'http'
  | { readonly writer: WireForm; readonly reader: WireForm }
  | { readonly status: string; readonly read: readonly string[] }

type Options = Pick<DecideOptions, 'policy' | 'budget'>

/** How a writer and a reader of a stream meet: of one form, or of two. */
export function meetingOf(writer: WireForm, reader: WireForm): Meeting {
  const isAlike = writer.encoding === reader.encoding && fieldOf(writer) === fieldOf(reader)
  return isAlike && !isExtended(writer, reader)
    ? writer.encoding
    : { writer: shortened(writer), reader: shortened(reader) }
}

/** A meeting as a part of a verdict's key. */
export function nameMeeting(meeting: Meeting): string {
  if (typeof meeting === 'string') return meeting
  if ('status' in meeting) return `status ${meeting.status} of ${meeting.read.join(',')}`
  return `${describeForm(meeting.writer)} to ${describeForm(meeting.reader)}`
}

/** Whether fields stand in the entry that this reader does not take off. */
function isExtended(writer: WireForm, reader: WireForm): boolean {
  return writer.encoding === 'fields' && (writer.headers ?? 'off') !== 'off' && (reader.headers ?? 'off') === 'off'
}

function shortened({ encoding, field, headers = 'off' }: WireForm): WireForm {
  return {
    encoding,
    ...(encoding === 'json' && { field: field ?? 'data' }),
    ...(encoding === 'fields' && headers !== 'off' && { headers: 'on' }),
  }
}

function fieldOf({ encoding, field = 'data' }: WireForm): string | undefined {
  return encoding === 'json' ? field : undefined
}

function describeForm({ encoding, field, headers }: WireForm): string {
  if (encoding === 'json') return `JSON in the field ${JSON.stringify(field ?? 'data')}`
  return headers === 'on' ? 'fields, with headers' : 'fields'
}

/** Decides what no comparison of two schemas tells: what comes of one form that meets another. */
export function decideMeeting(writer: JsonSchema, reader: JsonSchema, meeting: Meeting, options: Options): Verdict {
  if (typeof meeting === 'string') return decide(writer, reader, { ...options, encoding: meeting })
  if ('status' in meeting) return decideStatus(writer, meeting, options)
  return decideForms(writer, reader, meeting, options)
}

/** Any message of the writer's shows it. */
function decideStatus(
  writer: JsonSchema,
  { status, read }: Extract<Meeting, { readonly status: string }>,
  options: Options,
): Verdict {
  const verdict = anyMessage(writer, options)
  const place = { pointer: '', value: [...read] }
  const finding: Finding = { code: 'status.not-read', at: '', writer: { pointer: '', value: status }, reader: place }
  return verdict.answer === 'compatible' ? verdict : { ...verdict, findings: [finding] }
}

/** A message of the writer's is a witness against a reader that takes none. A writer that can write nothing breaks nothing. */
function anyMessage(writer: JsonSchema, options: Options): Verdict {
  return decide(writer, false, { ...options, encoding: 'json' })
}

type Forms = Extract<Meeting, { readonly writer: WireForm }>

/** Lets the reader's own decoder have an entry that the writer's encoder made. */
function decideForms(writer: JsonSchema, reader: JsonSchema, forms: Forms, options: Options): Verdict {
  const { policy = 'as-declared' } = options
  const [written, read] = [readSchema(writer), readSchema(reader)]
  if (written.findings) return unknown(policy, 'writer-unreadable', written.findings)
  if (read.findings) return unknown(policy, 'reader-unreadable', read.findings)
  const any = anyMessage(writer, options)
  if (any.answer !== 'incompatible' || any.witness === undefined) return any
  const entry = entryOf(any.witness, written.schema, forms.writer)
  const isOneForm = forms.writer.encoding === forms.reader.encoding && fieldOf(forms.writer) === fieldOf(forms.reader)
  const differs: readonly Finding[] = isOneForm ? [] : [differing(forms)]
  if (entry === undefined) return unknown(policy, 'witness-unconfirmed', differs)
  const refused = compileDecode(wireOf(read.schema, forms.reader))(entry).findings
  if (refused) {
    const findings = [...differs, ...refused.map(asUnread)]
    return { answer: 'incompatible', policy, engine: ENGINE, witness: any.witness, wire: pairsOf(entry), findings }
  }
  // of one form, the reader does not mind what else stands in the entry
  return isOneForm
    ? decide(writer, reader, { ...options, encoding: forms.writer.encoding })
    : unknown(policy, 'witness-unconfirmed', differs)
}

function entryOf(witness: Json, schema: Schema, form: WireForm): string[] | undefined {
  const { entry } = compileEncode(wireOf(schema, form))(witness)
  return entry && form.headers === 'on' ? [...entry, '_sid', '1'] : entry
}

function wireOf(schema: Schema, { encoding, field = 'data' }: WireForm) {
  return {
    channel: 'stream',
    schema,
    encoding: encoding === 'json' ? encoding : 'fields',
    field,
    headers: 'off',
  } as const
}

function differing({ writer, reader }: Forms): Finding {
  return {
    code: 'encoding.differs',
    at: '',
    writer: { pointer: '', value: describeForm(writer) },
    reader: { pointer: '', value: describeForm(reader) },
  }
}

/** What the decoder says of an entry, said of a writer. */
function asUnread(finding: Finding): Finding {
  return finding.code === 'field.undeclared' ? { ...finding, code: 'field.not-read' } : finding
}

function pairsOf(entry: readonly string[]): [string, string][] {
  return entry.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, entry[i + 1] ?? '']] : []))
}

function unknown(policy: Policy, reason: NonNullable<Verdict['reason']>, findings: readonly Finding[]): Verdict {
  return { answer: 'unknown', policy, engine: ENGINE, reason, findings }
}
