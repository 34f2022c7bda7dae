import { once } from 'node:events'
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Agent, request } from 'undici'
import type { Certificate } from '../../support/certificates.ts'

/** Files that lead through one link, which is swapped when they change: so Kubernetes mounts secrets. */
export type Mounted = { readonly certFile: string; readonly keyFile: string; swap(next: Certificate): Promise<void> }

export async function mountSecrets(folder: string, first: Certificate): Promise<Mounted> {
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  let count = 0
  const swap = async ({ cert, key }: Certificate): Promise<void> => {
    const name = `..${count++}`
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'tls.crt'), cert)
    await writeFile(join(folder, name, 'tls.key'), key)
    await symlink(name, join(folder, '..next'))
    await rename(join(folder, '..next'), join(folder, '..data'))
  }
  await swap(first)
  await symlink(join('..data', 'tls.crt'), certFile)
  await symlink(join('..data', 'tls.key'), keyFile)
  return { certFile, keyFile, swap }
}

/** A connection that stays open. */
export async function connectTo(url: string, options: ConnectionOptions): Promise<TLSSocket & Disposable> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() })
}

/** Asks over a connection of its own, and tells what is answered. */
export async function ask(url: string, options: { readonly ca: string } & Partial<Certificate>) {
  const agent = new Agent({ connect: { servername: 'localhost', ...options } })
  try {
    const { statusCode, headers, body } = await request(url, { dispatcher: agent })
    return { status: statusCode, headers, text: await body.text() }
  } finally {
    await agent.destroy()
  }
}

/** The common name of the certificate that a server shows. */
export async function nameShownBy(url: string, options: ConnectionOptions): Promise<string> {
  using socket = await connectTo(url, options)
  const name: unknown = socket.getPeerCertificate().subject.CN
  return String(name)
}
