import { createHash, randomUUID } from 'node:crypto'

const NAMESPACE = Buffer.from('9e1c3c0c5d6f4a53b2a4f3b9d1c7a8e0', 'hex')

/** The id of a vote: the same for the same Idempotency-Key (a UUID of version 5), and a new one without a key. */
export function requestIdOf(key: string | undefined): string {
  if (key === undefined) return randomUUID()
  const bytes = createHash('sha1').update(NAMESPACE).update(key).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
