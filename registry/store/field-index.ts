/** A name under `properties`, and where. */
export type FieldName = { readonly name: string; readonly at: string; readonly required: boolean }

/** Fields of one schema that can be searched for. What is deeper or longer is left out. */
const MOST_FIELDS = 2000
const LONGEST_NAME = 200
const LONGEST_PLACE = 1000

/** The names that a schema gives to fields, wherever it has `properties`. */
export function fieldsIn(schemaText: string): FieldName[] {
  const found: FieldName[] = []
  const open: [value: unknown, at: string][] = [[JSON.parse(schemaText), '']]
  for (let next = open.pop(); next && found.length < MOST_FIELDS; next = open.pop()) {
    const [value, at] = next
    if (typeof value !== 'object' || value === null) continue
    // lists of subschemas have numbers for steps
    for (const [step, member] of Object.entries(value)) {
      const there = `${at}/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (there.length > LONGEST_PLACE || typeof member !== 'object' || member === null || DATA.has(step)) continue
      if (step === 'properties' && !at.endsWith('/properties')) {
        found.push(...propertiesIn(member, there, requiredIn(value)))
        for (const [name, inner] of Object.entries(member)) open.push([inner, pointerTo(there, name)])
      } else open.push([member, there])
    }
  }
  return found.slice(0, MOST_FIELDS)
}

/** Keywords whose values are data, in which nothing is a schema. */
const DATA = new Set(['enum', 'const', 'default', 'examples', 'required'])

function propertiesIn(properties: object, at: string, required: ReadonlySet<unknown>): FieldName[] {
  return Object.keys(properties)
    .filter((name) => name.length <= LONGEST_NAME && !name.includes('\0') && name.isWellFormed())
    .map((name) => ({ name, at: pointerTo(at, name), required: required.has(name) }))
    .filter((field) => field.at.length <= LONGEST_PLACE)
}

function requiredIn(schema: object): ReadonlySet<unknown> {
  return new Set('required' in schema && Array.isArray(schema.required) ? (schema.required as unknown[]) : [])
}

function pointerTo(at: string, name: string): string {
  return `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
