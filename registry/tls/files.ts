import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { registryError } from '../errors.ts'
import { readSmallFile } from '../small-file.ts'

/** Where the certificate and its key lie, and which clients' certificates are asked for. */
export type TlsFiles = {
  readonly certFile: string
  readonly keyFile: string
  readonly passphrase?: string
  readonly clients?: { readonly caFile: string; readonly isRequired: boolean }
}

/** What the files hold, once it is known that it can be used. */
export type TlsContent = {
  readonly context: SecureContextOptions
  /** When the first certificate of the chain ends, in milliseconds. */
  readonly expiresAt: number
}

/** Reads the files. It throws a sentence that names the one that cannot be used, and why. */
export function readTlsFiles({ certFile, keyFile, passphrase, clients }: TlsFiles): TlsContent {
  const cert = readFile('TLS_CERT_FILE', certFile)
  const chain = certificatesIn('TLS_CERT_FILE', certFile, cert)
  const key = readFile('TLS_KEY_FILE', keyFile)
  const isTheirs = chain[0]?.checkPrivateKey(privateKey(keyFile, key, passphrase))
  if (!isTheirs) throw unusable('TLS_KEY_FILE', keyFile, 'its key is not that of the certificate in TLS_CERT_FILE')
  const ca = clients && readFile('TLS_CLIENT_CA_FILE', clients.caFile)
  if (clients && ca) certificatesIn('TLS_CLIENT_CA_FILE', clients.caFile, ca)
  const context = { cert, key, minVersion: 'TLSv1.2', ...(ca && { ca }), ...(passphrase && { passphrase }) } as const
  tryOut(certFile, context)
  return { context, expiresAt: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())) }
}

/** A text that differs once a file was written, replaced, or put behind another link. */
export async function stampOf({ certFile, keyFile, clients }: TlsFiles): Promise<string> {
  const files = [certFile, keyFile, ...(clients ? [clients.caFile] : [])]
  return (await Promise.all(files.map(stampOfOne))).join(' ')
}

async function stampOfOne(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    return 'unreadable'
  }
}

/** Far more than any bundle of authorities has. */
const MOST_BYTES = 4 * 1024 * 1024

function readFile(setting: string, file: string): Buffer {
  const read = readSmallFile(file, MOST_BYTES)
  if ('problem' in read) throw unusable(setting, file, read.problem)
  return read.bytes
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function certificatesIn(setting: string, file: string, pem: Buffer): readonly X509Certificate[] {
  const found = pem.toString('latin1').match(PEM)
  if (!found) throw unusable(setting, file, 'it holds no certificate in PEM form')
  try {
    return found.map((text) => new X509Certificate(text))
  } catch (error) {
    throw unusable(setting, file, `a certificate in it cannot be read: ${codeOf(error)}`, error)
  }
}

function privateKey(file: string, key: Buffer, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase !== undefined && { passphrase }) })
  } catch (error) {
    const why = 'it holds no private key in PEM form, or TLS_KEY_PASSPHRASE does not open it'
    throw unusable('TLS_KEY_FILE', file, `${why}: ${codeOf(error)}`, error)
  }
}

/** TLS asks for more than that the parts fit, such as a key that is long enough. */
function tryOut(certFile: string, context: SecureContextOptions): void {
  try {
    createSecureContext(context)
  } catch (error) {
    throw unusable('TLS_CERT_FILE', certFile, codeOf(error), error)
  }
}

function unusable(setting: string, file: string, reason: string, cause?: unknown): Error {
  const reasons = `${setting} names "${file}", which cannot be used (${reason}).`
  return registryError('setting.invalid', { reasons }, { cause })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
