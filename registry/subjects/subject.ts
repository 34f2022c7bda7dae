import { registryError } from '../errors.ts'

const CONTROL_CHARACTER = /\p{Cc}/u
const RESERVED = new Set(['__GLOBAL', '__EMPTY'])

export const LARGEST_VERSION = 2 ** 31 - 1

/** Refuses names that no subject may have. Looking for such a one is no error: it is just not there. */
export function checkSubject(subject: string): void {
  // `:.context:name` would be taken for a plain name and be in the way once there are contexts.
  if (subject.startsWith(':.')) throw registryError('subject.context', { subject })
  if (subject === '' || CONTROL_CHARACTER.test(subject) || RESERVED.has(subject))
    throw registryError('subject.invalid', { subject })
}
