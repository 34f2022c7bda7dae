import { explain, type Finding, type UnknownReason } from '../../contracts/index.ts'
import type { Comparison, Compatibility, IncompatibleSchema } from '../subjects/compatibility.ts'
import { sides } from '../subjects/levels.ts'

/** Why a schema was not registered, in the form that clients of this API print and take apart. */
export function describeRefusal({ message, compatibility }: IncompatibleSchema): string {
  const text = `${message}, details: [${describeCompatibility(compatibility).join(', ')}]`
  return isUndecided(compatibility) ? `undecided: ${text}` : text
}

/** What was compared, and what came of it: where it failed, the reasons; otherwise what was proved. */
export function describeCompatibility(compatibility: Compatibility): string[] {
  const { comparisons, isCompatible, level } = compatibility
  const last = comparisons.at(-1)
  const told = isCompatible || !last ? describeProofs(compatibility) : describeFailure(last)
  return [...told, `{validateFields: 'false', compatibility: '${level}'}`]
}

function isUndecided({ comparisons }: Compatibility): boolean {
  return comparisons.at(-1)?.verdict.answer === 'unknown'
}

function describeFailure(comparison: Comparison): string[] {
  const { verdict, version } = comparison
  const told =
    verdict.answer === 'unknown'
      ? [describeUndecided(comparison)]
      : verdict.findings.map((finding) => describe(finding, comparison))
  const hint =
    'compatible when writers send only what they declare: set compatibilityPolicy AS_DECLARED to decide by that'
  return [
    ...told,
    ...(verdict.witness === undefined ? [] : [`{witness: '${JSON.stringify(verdict.witness)}'}`]),
    ...(verdict.onlyAsDeclared ? [`{asDeclared: '${hint}'}`] : []),
    `{oldSchemaVersion: ${version.version}}`,
    `{oldSchema: '${version.text}'}`,
  ]
}

function describe(finding: Finding, comparison: Comparison): string {
  const type = finding.code.replace(/\W/g, '_').toUpperCase()
  const words = `${roles(comparison)}: ${explain(finding)}`
  return `{errorType:"${type}", description:"${words}, at path '#${finding.at}'"}`
}

function describeUndecided(comparison: Comparison): string {
  const { reason = 'beyond-engine', findings } = comparison.verdict
  const more = findings.slice(0, 3).map((finding) => `; ${explain(finding)}`)
  return `undecided: ${roles(comparison)}: nothing could be proved, reason ${reason satisfies UnknownReason}${more.join('')}`
}

function describeProofs({ comparisons, level, group }: Compatibility): string[] {
  const among = group ? ` of the group ${group.name}=${group.value ?? 'null'}` : ''
  if (level === 'NONE') return ['compatible: the level NONE compares nothing']
  if (comparisons.length === 0) return [`compatible: there is no version${among} to compare with`]
  return comparisons.map((comparison) => {
    const { policy, engine, onlyAsDeclared } = comparison.verdict
    const condition = onlyAsDeclared ? ', as long as writers send only what they declare' : ''
    return `compatible: ${roles(comparison)}: proved for every message${condition} (policy ${policy}, engine ${engine})`
  })
}

/** Who writes and who reads, in the words of this API's users. */
function roles({ direction, version: { version } }: Comparison): string {
  const [writer, reader] = sides(direction, `the old schema (version ${version})`, 'the new schema')
  return `${reader} reads what ${writer} writes`
}
