import { registryError } from './errors.ts'
import { isLoopback } from './loopback.ts'
import type { Settings } from './settings.ts'

/** Refuses to serve where that would open the registry to everybody, and answers what is worth a warning. */
export function checkServing(settings: Settings): readonly string[] {
  const refusals = [openToAll(settings), withoutTls(settings)].filter((reason) => reason !== undefined)
  if (refusals.length > 0) throw registryError('setting.invalid', { reasons: refusals.join('\n') })
  return [inTheClear(settings)].filter((warning) => warning !== undefined)
}

function openToAll(settings: Settings): string | undefined {
  const { access, host } = settings
  if (access.mode === 'tokens') return undefined
  const inFront = tellsOfFront(settings)
  if (inFront !== undefined)
    return `ACCESS is open, and ${inFront} says that something stands in front, so whoever reaches that could change everything: set ACCESS=tokens.`
  if (isLoopback(host)) return undefined
  return `ACCESS is open and HOST is "${host}", so whoever reaches it there could change everything: set ACCESS=tokens, or HOST=127.0.0.1.`
}

/** What passes others on comes from this machine, and may call the registry by any name. */
function tellsOfFront({ trustProxy, isTlsTerminated }: Settings): string | undefined {
  if (isTlsTerminated) return 'TLS_TERMINATED_BY_MESH'
  return trustProxy.length > 0 ? 'TRUST_PROXY' : undefined
}

function withoutTls({ appEnv, tls, isTlsTerminated }: Settings): string | undefined {
  if (appEnv === 'development' || tls || isTlsTerminated) return undefined
  return `APP_ENV is ${appEnv}, and there is no TLS: set TLS_CERT_FILE and TLS_KEY_FILE, or TLS_TERMINATED_BY_MESH=true where a mesh or a proxy in front of the registry terminates it.`
}

function inTheClear({ host, tls, isTlsTerminated }: Settings): string | undefined {
  if (isLoopback(host) || tls || isTlsTerminated) return undefined
  return `The registry speaks without TLS on "${host}", so tokens can be read on the way: set TLS_CERT_FILE and TLS_KEY_FILE, or TLS_TERMINATED_BY_MESH=true where a mesh or a proxy in front of it terminates it.`
}
