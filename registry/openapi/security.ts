import { Type } from '@sinclair/typebox'
import { needOf } from '../access/needs.ts'
import { isAboutTokens, mayWrite } from '../limits/routes.ts'

type Asked = { readonly method: string; readonly path: string }

/** How to say who asks. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token. A registry that is open to its own machine asks for none, and one may let everybody read.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'The same token as the password, for clients that know no other.',
  },
  mutualTLS: { type: 'mutualTLS', description: 'A client certificate that stands for a token.' },
}

export const IDEMPOTENCY_KEY = {
  name: 'idempotency-key',
  in: 'header',
  description: 'Lets a request be sent again when its answer was lost: it is carried out once, and answered the same.',
  schema: Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' }),
}

/** Whether somebody must be known to have the answer. */
export function isGuarded({ method, path }: Asked): boolean {
  return needOf(method, path)?.need !== 'nothing'
}

/** Any one of the ways to say who asks, and the scope that is needed. */
export function securityOf({ method, path }: Asked): object[] {
  const { need, neededFor } = needOf(method, path) ?? { need: 'admin' }
  if (need === 'nothing') return []
  const scope = neededFor === undefined ? need : `${need}:{${neededFor}}`
  return Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [scope] }))
}

/** Whether a request may say that it is the same as an earlier one. Where the answer is a secret, it may not. */
export function takesKey({ method, path: url }: Asked): boolean {
  const need = needOf(method, url)
  return mayWrite({ method, url, ...(need && { config: need }) }) && !(method === 'POST' && isAboutTokens({ url }))
}
