import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/**
 * The names in the certificate that a client has shown, as `uri:…`, `dns:…` and `cn:…`, in this order. None for a connection
 * without TLS, without a certificate, or with one that the client CA does not vouch for.
 */
export function namesOf(socket: Socket): readonly string[] {
  const { names, until } = known.get(socket) ?? remember(socket)
  // A connection may stand for longer than its certificate holds.
  return names.length === 0 || Date.now() < until ? names : NOBODY.names
}

type Shown = { readonly names: readonly string[]; readonly until: number }

const known = new WeakMap<Socket, Shown>()
const NOBODY: Shown = { names: [], until: 0 }

function remember(socket: Socket): Shown {
  const shown = socket instanceof TLSSocket && socket.authorized ? readShown(socket) : NOBODY
  known.set(socket, shown)
  return shown
}

function readShown(socket: TLSSocket): Shown {
  return { names: readNames(socket), until: socket.getPeerX509Certificate()?.validToDate.getTime() ?? 0 }
}

function readNames(socket: TLSSocket): readonly string[] {
  const { subject, subjectaltname = '' } = socket.getPeerCertificate()
  const alternatives = splitNames(subjectaltname)
  const name: unknown = subject?.CN
  return [
    ...alternatives.flatMap(([kind, value]) => (kind === 'URI' ? [`uri:${value}`] : [])),
    ...alternatives.flatMap(([kind, value]) => (kind === 'DNS' ? [`dns:${value}`] : [])),
    // Of several nobody could say which is meant.
    ...(typeof name === 'string' && name !== '' ? [`cn:${name}`] : []),
  ]
}

/** Node writes a name that could be taken for several ones in quotes: such a one names nobody. */
function splitNames(text: string): readonly (readonly [kind: string, value: string])[] {
  const found = [...text.matchAll(ONE_NAME)]
  if (found.map(([whole]) => whole).join('') !== text) return []
  return found.flatMap(([, kind = '', value = '']) => (value.includes('"') ? [] : [[kind, value]]))
}

/** Sticky: it never begins within a name that it could not read. */
const ONE_NAME = /(?:^|, )([^:,"]+):((?:[^,"]|"(?:[^"\\]|\\.)*")*)(?=, |$)/gy
