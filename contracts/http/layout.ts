import { ContractRefused } from '../contract.ts'
import type { EndpointContract } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import type { FindingCode } from '../finding-codes.ts'
import { isObject, pointerTo } from '../json.ts'
import { isSchemaShaped } from '../schema/keywords.ts'
import type { References, Target } from '../schema/references.ts'
import { possibleTypes, TYPE, typeNames } from '../schema/types.ts'
import { type FieldTypes, fieldTypes, type Kind, kindOf } from '../wire/kinds.ts'
import { fieldItemTypes } from './items.ts'
import { parameterNames } from './template.ts'

export const TEXT_PARTS = ['path', 'query', 'headers'] as const
export type TextPart = (typeof TEXT_PARTS)[number]

/** How a value stands in a request's texts: as one text of a kind, or as a list of them, each under the same name. */
export type Form = { readonly kind: Kind; readonly isList: boolean }

export type Parameter = Form & {
  readonly name: string
  /** The name on the wire: header names know no case, and are lower case there. */
  readonly wireName: string
  readonly required: boolean
  /** Null is possible; on the wire it is absence. */
  readonly nullable: boolean
}

export type PartLayout = {
  readonly part: TextPart
  readonly parameters: readonly Parameter[]
  /** The form of a name that is not declared, where a pattern or `additionalProperties` describes it. */
  readonly formOfOther: (name: string) => Form | undefined
}

/** How the described parts of a request lie in its texts. */
export type RequestLayout = { readonly parts: readonly PartLayout[]; readonly hasBody: boolean }

type Described = Pick<EndpointContract, 'name' | 'path' | 'request'>

/** Refuses a contract whose parts have no form in a request; returns the form that they have. */
export function requestLayout({ name, path, request }: Described): RequestLayout {
  const described = isObject(request.root) && isObject(request.root.properties) ? request.root.properties : {}
  const layouts = TEXT_PARTS.flatMap((part): (PartLayout & { findings: Finding[] })[] => {
    const schema = described[part]
    if (!isSchemaShaped(schema)) return []
    return [partLayout(part, { schema, pointer: `/properties/${part}` }, request.references)]
  })
  const findings = layouts.flatMap((layout) => layout.findings)
  if (findings.length > 0) throw new ContractRefused(`The request of ${name}`, findings)
  checkNames(name, path, layouts)
  return {
    parts: layouts.map(({ part, parameters, formOfOther }) => ({ part, parameters, formOfOther })),
    hasBody: described.body !== undefined,
  }
}

function partLayout(part: TextPart, at: Target, references: References): PartLayout & { findings: Finding[] } {
  const types = fieldTypes(at, references)
  const itemTypes = (name: string) => fieldItemTypes(at, name, references)
  const forms = [...types.declared].map(([name, declared]) => ({
    name,
    types: matching(types, name).reduce((all, pattern) => all & pattern.types, declared),
  }))
  const findings =
    possibleTypes(at, references) === TYPE.object
      ? forms.flatMap(({ name, types: all }) => {
          const here = pointerTo(`/${part}`, name)
          if (formOf(part, all, itemTypes(name)) === undefined) return [mixed(here, all)]
          return all & TYPE.null && !types.required.has(name) ? [finding('contract.optional-and-nullable', here)] : []
        })
      : [finding('contract.not-an-object', `/${part}`)]
  const parameters = forms.map(({ name, types: all }) => ({
    ...(formOf(part, all, itemTypes(name)) ?? TEXT),
    name,
    wireName: part === 'headers' ? name.toLowerCase() : name,
    required: types.required.has(name),
    nullable: (all & TYPE.null) !== 0,
  }))
  return { part, parameters, findings, formOfOther: (name) => formOfUndeclared(part, types, name, itemTypes) }
}

const TEXT: Form = { kind: 'text', isList: false }

/** A list is repeats where a name can be repeated; in a path it is JSON text, as an object is everywhere. */
function formOf(part: TextPart, types: number, itemTypes: number): Form | undefined {
  const isList = part !== 'path' && (types & ~TYPE.null) === TYPE.array
  const isMixed = part !== 'path' && !isList && (types & TYPE.array) !== 0
  const kind = isMixed || (isList && (itemTypes & TYPE.null) !== 0) ? undefined : kindOf(isList ? itemTypes : types)
  return kind && { kind, isList }
}

function formOfUndeclared(
  part: TextPart,
  types: FieldTypes,
  name: string,
  itemTypes: (name: string) => number,
): Form | undefined {
  const patterns = matching(types, name)
  if (patterns.length === 0 && types.others === undefined) return undefined
  const all = patterns.length > 0 ? patterns.reduce((sum, pattern) => sum & pattern.types, ~0) : (types.others ?? 0)
  return formOf(part, all, itemTypes(name))
}

function matching({ patterns }: FieldTypes, name: string): FieldTypes['patterns'] {
  return patterns.filter(({ pattern }) => pattern.test(name))
}

function checkNames(contract: string, path: string, layouts: readonly PartLayout[]): void {
  const inPath = parameterNames(path)
  for (const { part, parameters } of layouts)
    for (const [i, { name, wireName }] of parameters.entries()) {
      if (part === 'path' && !inPath.includes(name))
        throw new TypeError(
          `${contract} declares the path parameter "${name}", which its path "${path}" does not have.`,
        )
      if (parameters.findIndex((other) => other.wireName === wireName) < i)
        throw new TypeError(`${contract} declares the header "${name}" twice; header names know no case.`)
    }
}

function mixed(at: string, types: number): Finding {
  return { ...finding('contract.mixed-kinds', at), reader: { pointer: at, value: [...new Set(typeNames(types))] } }
}

function finding(code: FindingCode, at: string): Finding {
  return { code, at }
}
