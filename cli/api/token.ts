import { findSecret } from '../../registry/secret-files.ts'

/** The token that CONCORDAT_TOKEN holds, or the file that CONCORDAT_TOKEN_FILE names, or why it cannot be used; no problem tells the token. */
export function findToken(
  env: NodeJS.ProcessEnv,
): { readonly token: string | undefined } | { readonly problem: string } {
  const { value, problem } = findSecret(env, NAME)
  if (problem !== undefined) return { problem }
  if (value !== undefined && !SENDABLE.test(value)) return { problem: UNSENDABLE }
  return { token: value }
}

const NAME = 'CONCORDAT_TOKEN'
/** What a header can carry: fetch would tell all of another value in its error. */
const SENDABLE = /^[\x21-\x7E]+$/
const UNSENDABLE = `${NAME}, or its file, holds no token that can be sent: it must be of visible ASCII characters, without spaces.`

/** The header that carries a token; none where there is no token. */
export function authorization(token: string | undefined): { readonly authorization?: string } {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}
