import { expect, test } from 'vitest'
import { checkServing } from '../../registry/serving.ts'
import { readSettings } from '../../registry/settings.ts'

const TLS = { TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k' }
const MESH = { TLS_TERMINATED_BY_MESH: 'true' }
const EVERYWHERE = { HOST: '0.0.0.0' }
const PRODUCTION = { APP_ENV: 'production' }

test.each([
  [{}],
  [{ HOST: 'localhost', ACCESS: 'open' }],
  [{ ...EVERYWHERE, ...TLS }],
  [{ ...EVERYWHERE, ...MESH }],
  [{ ...PRODUCTION, ...TLS }],
  [{ ...PRODUCTION, ...EVERYWHERE, ...TLS }],
  [{ ...PRODUCTION, ...EVERYWHERE, ...MESH }],
  [{ APP_ENV: 'staging', ...MESH }],
])('serves with %j, and has nothing to warn of', (env) => {
  expect(checkServing(readSettings(env))).toEqual([])
})

test.each([[EVERYWHERE], [{ ...EVERYWHERE, APP_ENV: 'development' }], [{ HOST: '0.0.0.0', ACCESS: 'tokens' }]])(
  'serves with %j, and warns that there is no TLS',
  (env) => {
    expect(checkServing(readSettings(env))).toEqual([
      'The registry speaks without TLS on "0.0.0.0", so tokens can be read on the way: set TLS_CERT_FILE and TLS_KEY_FILE, ' +
        'or TLS_TERMINATED_BY_MESH=true where a mesh or a proxy in front of it terminates it.',
    ])
  },
)

test.each(['staging', 'production'])('does not serve without TLS when APP_ENV is %s', (APP_ENV) => {
  expect(() => checkServing(readSettings({ APP_ENV }))).toThrow(
    `APP_ENV is ${APP_ENV}, and there is no TLS: set TLS_CERT_FILE and TLS_KEY_FILE, or TLS_TERMINATED_BY_MESH=true ` +
      'where a mesh or a proxy in front of the registry terminates it.',
  )
})

test('does not serve openly where others reach it, whatever encrypts the way', () => {
  expect(() => checkServing(readSettings({ ...EVERYWHERE, ...TLS, ACCESS: 'open' }))).toThrow(
    'ACCESS is open and HOST is "0.0.0.0", so whoever reaches it there could change everything: ' +
      'set ACCESS=tokens, or HOST=127.0.0.1.',
  )
})

test.each([
  ['TRUST_PROXY', { TRUST_PROXY: '127.0.0.1' }],
  ['TLS_TERMINATED_BY_MESH', MESH],
])('asks for tokens, and refuses to be open, where %s says that something stands in front', (name, env) => {
  expect(readSettings(env).access.mode).toBe('tokens')
  expect(() => checkServing(readSettings({ ...env, ACCESS: 'open' }))).toThrow(
    `ACCESS is open, and ${name} says that something stands in front, so whoever reaches that could change everything: ` +
      'set ACCESS=tokens.',
  )
})

test('names all reasons at once', () => {
  const settings = readSettings({ ...EVERYWHERE, ...PRODUCTION, ACCESS: 'open' })
  expect(() => checkServing(settings)).toThrow(/^ACCESS is open .*\nAPP_ENV is production/)
})
