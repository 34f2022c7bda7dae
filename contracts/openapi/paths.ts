import { parameterNames, templateOf } from '../http/template.ts'

/** A path as OpenAPI writes it. */
export type PathTemplate = {
  readonly path: string
  readonly parameters: readonly PathParameter[]
  /** Equal for paths that differ in the names of their parameters only. */
  readonly shape: string
}

export type PathParameter = {
  /** As the contract calls it. */
  readonly name: string
  /** As the document does, where a path names each parameter once. */
  readonly shown: string
}

/** Reads `{id}` and `:id` alike. */
export function readPath(path: string): PathTemplate {
  const names = parameterNames(path)
  const parameters = names.map((name, i) => ({ name, shown: shownName(names, i) }))
  const literals = templateOf(path).split('{}').map(encodeLiteral)
  const templated = literals.map((literal, i) => (i === 0 ? literal : `{${parameters[i - 1]?.shown ?? ''}}${literal}`))
  return { parameters, path: templated.join(''), shape: literals.join('{}') }
}

function shownName(names: readonly string[], i: number): string {
  const name = (names[i] ?? '').replaceAll('{', '')
  if (name === '') return `parameter${i + 1}`
  return names.indexOf(names[i] ?? '') === i ? name : `${name}${i + 1}`
}

/** What would mean something else in a template or end the path. */
function encodeLiteral(literal: string): string {
  return literal.replaceAll(/[{}?#\s]/g, encodeURIComponent)
}
