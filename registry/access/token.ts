import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** `concordat_`, an id that may be told, and a secret that is kept nowhere. */
const TOKEN = /^concordat_([a-z2-7]{12})_[\w-]{43}$/
const ID_START = 'concordat_'.length
const ID_LENGTH = 12
const SECRET_BYTES = 32
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

export function createId(): string {
  return Array.from(randomBytes(ID_LENGTH), (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('')
}

export function createToken(id: string): string {
  return `concordat_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/** Where the id of a token would stand; of what is no token, anything. */
export function idPlaceIn(token: string): string {
  return token.slice(ID_START, ID_START + ID_LENGTH)
}

/** The id of what has the form of a token. */
export function idIn(token: string): string | undefined {
  return TOKEN.exec(token)?.[1]
}

/** A text in which no token stands whole, such as one that somebody has taken for its id. */
export function withoutTokens(text: string): string {
  return text.replace(TOKENS, '$1_[redacted]')
}

const TOKENS = /(concordat_[a-z2-7]{12})_[\w-]{43}/g

export function hashOf(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** Takes as long whatever differs. */
export function isSame(one: Buffer, other: Buffer): boolean {
  return timingSafeEqual(one, other)
}
