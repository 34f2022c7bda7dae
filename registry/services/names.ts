import { registryError } from '../errors.ts'
import { shown } from '../unicode.ts'

const SERVICE = /^[A-Za-z0-9][\w.-]*$/
/** White space at the ends is invisible, and control characters are worse. */
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Z}](?:[^\p{Cc}\p{Zl}\p{Zp}]*[^\p{Cc}\p{Cf}\p{Z}])?$/u

/** Characters that names may have at most. */
const LONGEST_NAME = 200

const PLAIN = `at most ${LONGEST_NAME} letters, digits, ".", "_" and "-", beginning with a letter or digit`
const TEXT = `at most ${LONGEST_NAME} printable characters, without spaces at the ends`

export function checkService(name: string): void {
  if (!isPlain(name)) throw registryError('name.invalid', { what: 'a service', name: shown(name), rule: PLAIN })
}

export function checkEnvironment(name: string): void {
  if (!isPlain(name)) throw registryError('name.invalid', { what: 'an environment', name: shown(name), rule: PLAIN })
}

/** Versions are git shas mostly, and may be any text that a person can read: `latest` and `branch:…` have a meaning of their own. */
export function checkVersion(name: string): void {
  if (isText(name) && name !== 'latest' && !name.startsWith('branch:')) return
  const rule = `${TEXT}, other than "latest" and what begins with "branch:"`
  throw registryError('name.invalid', { what: 'a version', name: shown(name), rule })
}

export function checkText(what: string, name: string): void {
  if (!isText(name)) throw registryError('name.invalid', { what, name: shown(name), rule: TEXT })
}

export function isPlain(name: string): boolean {
  return SERVICE.test(name) && name.length <= LONGEST_NAME
}

function isText(name: string): boolean {
  return name.length <= LONGEST_NAME && name.isWellFormed() && PRINTABLE.test(name)
}
