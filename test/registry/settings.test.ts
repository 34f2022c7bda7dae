import { expect, test } from 'vitest'
import { readSettings } from '../../registry/settings.ts'

test('listens on 127.0.0.1, port 8081, unless told otherwise', () => {
  expect(readSettings({})).toEqual({ host: '127.0.0.1', port: 8081 })
  expect(readSettings({ HOST: '', PORT: '' })).toEqual({ host: '127.0.0.1', port: 8081 })
  expect(readSettings({ HOST: '::1', PORT: '0' })).toEqual({ host: '::1', port: 0 })
})

test.each(['abc', '-1', '65536', '80.5', '0x50', ' 80', '1e3'])('refuses PORT=%s by name', (value) => {
  expect(() => readSettings({ PORT: value })).toThrow(`PORT is "${value}"; it must be a whole number from 0 to 65535`)
})

test.each(['a b', 'http://x', 'a/b'])('refuses HOST=%s by name', (value) => {
  expect(() => readSettings({ HOST: value })).toThrow(`HOST is "${value}"; it must be a host name or an IP address`)
})

test.each(['DATABASE_URL is set', 'does not keep its data in PostgreSQL yet'])(
  'says of DATABASE_URL: %s',
  (sentence) => {
    expect(() => readSettings({ DATABASE_URL: 'postgres://me:secret@db/x' })).toThrow(sentence)
  },
)

test('does not tell the password in DATABASE_URL', () => {
  expect(() => readSettings({ DATABASE_URL: 'postgres://me:secret@db/x' })).toThrow(/^((?!secret).)*$/)
})
