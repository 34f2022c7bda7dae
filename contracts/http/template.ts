const PARAMETER = /\{([^/}]*)\}|:([A-Za-z_]\w*)/g

/** A path without the names of its parameters, however they are written. */
export function templateOf(path: string): string {
  return path.replaceAll(PARAMETER, '{}')
}

/** The names of a path's parameters, in their order. */
export function parameterNames(path: string): string[] {
  return [...path.matchAll(PARAMETER)].map(([, inBraces, afterColon]) => inBraces ?? afterColon ?? '')
}

/** The same path with each parameter written in another way. */
export function mapParameters(path: string, write: (name: string) => string): string {
  return path.replaceAll(PARAMETER, (_, inBraces?: string, afterColon?: string) => write(inBraces ?? afterColon ?? ''))
}
