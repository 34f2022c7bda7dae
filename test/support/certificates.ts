import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, both as PEM. */
export type Certificate = { readonly cert: string; readonly key: string }

/** What a certificate says of whoever shows it, and until when. */
export type Wanted = {
  readonly commonName?: string
  /** As they stand in the subject's alternative names. */
  readonly dns?: readonly string[]
  readonly uris?: readonly string[]
  readonly addresses?: readonly string[]
  readonly from?: Date
  readonly until?: Date
  /** The key is encrypted with it. */
  readonly passphrase?: string
}

/** Someone who signs certificates; its own signs itself. */
export type Authority = Certificate & { issue(wanted?: Wanted): Certificate }

/** Makes an authority of one's own. No openssl is needed: the certificates are put together and signed here. */
export function createAuthority(commonName = 'Tests', { until = inDays(365) } = {}): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = { name: nameOf(commonName), key: keys.privateKey }
  const own = certificateOf(issuer, keys.publicKey, { commonName, until }, [IS_AUTHORITY])
  return {
    cert: own,
    key: exportKey(keys.privateKey),
    issue: (wanted = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const cert = certificateOf(issuer, publicKey, wanted, alternativeNames(wanted))
      return { cert, key: exportKey(privateKey, wanted.passphrase) }
    },
  }
}

/** The moment so many days from now. */
export function inDays(days: number): Date {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000)
}

type Issuer = { readonly name: Buffer; readonly key: KeyObject }

function certificateOf(issuer: Issuer, publicKey: KeyObject, wanted: Wanted, extensions: readonly Buffer[]): string {
  const { commonName = 'someone', from = inDays(-1), until = inDays(90) } = wanted
  const told = sequence(
    element(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    issuer.name,
    sequence(time(from), time(until)),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [element(0xa3, sequence(...extensions))] : []),
  )
  const signature = bits(sign('sha256', told, issuer.key))
  const body = sequence(told, ECDSA_WITH_SHA256, signature).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${body.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}

function exportKey(key: KeyObject, passphrase?: string): string {
  const protection = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  return key.export({ type: 'pkcs8', format: 'pem', ...protection })
}

function alternativeNames({ dns = [], uris = [], addresses = [] }: Wanted): Buffer[] {
  const names = [
    ...dns.map((name) => element(0x82, Buffer.from(name))),
    ...uris.map((uri) => element(0x86, Buffer.from(uri))),
    ...addresses.map((address) => element(0x87, Buffer.from(address.split('.').map(Number)))),
  ]
  return names.length === 0 ? [] : [sequence(identifier('55 1d 11'), octets(sequence(...names)))]
}

function nameOf(commonName: string): Buffer {
  return sequence(element(0x31, sequence(identifier('55 04 03'), element(0x0c, Buffer.from(commonName)))))
}

function time(date: Date): Buffer {
  return element(0x18, Buffer.from(date.toISOString().replace(/\.\d+|[-:T]/g, '')))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, ...parts)
}

function integer(bytes: Buffer): Buffer {
  return element(0x02, bytes)
}

function octets(bytes: Buffer): Buffer {
  return element(0x04, bytes)
}

function bits(bytes: Buffer): Buffer {
  return element(0x03, Buffer.of(0), bytes)
}

function identifier(hex: string): Buffer {
  return element(0x06, Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

/** One element in DER: what it is, how long it is, and what is in it. */
function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length)
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff)
}

const ECDSA_WITH_SHA256 = sequence(identifier('2a 86 48 ce 3d 04 03 02'))

/** Critical basic constraints: it may sign others. */
const IS_AUTHORITY = sequence(
  identifier('55 1d 13'),
  element(0x01, Buffer.of(0xff)),
  octets(sequence(element(0x01, Buffer.of(0xff)))),
)
