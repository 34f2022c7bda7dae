import { expect, test } from 'vitest'
import { addressKey } from '../../../registry/limits/address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['192.0.2.7:50123', '192.0.2.7'],
  ['[2001:db8::1]:50123', '2001:db8:0:0::/64'],
  ['[2001:db8::1]', '2001:db8:0:0::/64'],
  ['192.0.2.700:1', 'no address'],
  ['[unknown]:1', 'no address'],
  ['a text that a client has made up', 'no address'],
])('%s counts as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key)
})
