import { isIP, isIPv6 } from 'node:net'

/**
 * What counts as one address: of IPv6 the first 64 bits, since whoever has one address there has all of these, and of
 * an IPv4 address that is written as IPv6 the IPv4 address. Some proxies write a port behind it, which is another one for
 * each connection and does not count. What a proxy takes for an address and is none counts as one, whatever it is.
 */
export function addressKey(written: string): string {
  const ip = isIP(written) === 0 ? withoutPort(written) : written
  if (!isIPv6(ip)) return ip
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip) ?? []
  return mapped ?? `${groupsOf(ip).slice(0, 4).join(':')}::/64`
}

const WITH_PORT = /^(?:\[([^[\]]+)\]|([\d.]+))(?::\d+)?$/

function withoutPort(text: string): string {
  const [, six, four] = WITH_PORT.exec(text) ?? []
  const ip = six ?? four ?? ''
  return isIP(ip) === 0 ? 'no address' : ip
}

/** All groups without leading zeros; those that `::` leaves out are 0. */
function groupsOf(ip: string): string[] {
  const [head = '', tail] = (ip.split('%')[0] ?? '').toLowerCase().split('::')
  const [before, after] = [listOf(head), listOf(tail ?? '')]
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array.from({ length: missing }, () => '0'), ...after]
}

function listOf(part: string): string[] {
  return part === '' ? [] : part.split(':').map((group) => group.replace(/^0+(?=.)/, ''))
}
