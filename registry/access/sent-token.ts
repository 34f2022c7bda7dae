/**
 * The token in an `Authorization` header: as a bearer, or with Basic as the password, for clients that know only that, or as
 * the user's name without one. Empty where there is none, which is no token either.
 */
export function tokenIn(authorization: string): string {
  const space = authorization.indexOf(' ')
  const scheme = authorization.slice(0, Math.max(0, space)).toLowerCase()
  const value = authorization.slice(space + 1).trim()
  if (scheme === 'bearer') return value
  return scheme === 'basic' ? passwordIn(value) : ''
}

function passwordIn(encoded: string): string {
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon === -1) return ''
  return text.slice(colon + 1) || text.slice(0, colon)
}
