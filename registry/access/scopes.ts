/** What a request asks of whoever makes it; see needs.ts for the routes. */
export type Need = 'nothing' | 'read' | 'register' | 'publish' | 'deploy' | 'override' | 'admin'

/** The kinds of scopes that name what they are for. */
const FOR_WHAT = ['register', 'publish', 'deploy', 'override'] as const

const SCOPE = new RegExp(`^(?:read|admin|(?:${FOR_WHAT.join('|')}):\\S{1,2000})$`, 'u')

/** Whether a text is a scope: `read`, `admin`, or `register:`, `publish:`, `deploy:` or `override:` with a name or a prefix*. */
export function isScope(text: string): boolean {
  return SCOPE.test(text)
}

/**
 * Whether scopes allow what is needed, for a subject, a service or an environment. Whoever has any scope may read, and
 * `admin` may do everything; a scope that ends in `*` is for all names that begin so.
 */
export function isAllowed(scopes: readonly string[], need: Need, target = ''): boolean {
  if (need === 'nothing' || scopes.includes('admin')) return true
  if (need === 'read') return scopes.length > 0
  return scopes.some((scope) => scope.startsWith(`${need}:`) && matches(scope.slice(need.length + 1), target))
}

/** Whether scopes allow what is needed for anything at all. */
export function hasAny(scopes: readonly string[], need: Need): boolean {
  return isAllowed(scopes, need) || scopes.some((scope) => scope.startsWith(`${need}:`))
}

function matches(pattern: string, target: string): boolean {
  return pattern.endsWith('*') ? target.startsWith(pattern.slice(0, -1)) : target === pattern
}
