import { describe, expect, test } from 'vitest'
import {
  readPatienceMs,
  readTallySettings,
  readVoteApiSettings,
  readWebSettings,
} from '../../../examples/voting/settings.ts'

test('without any variable all is on this machine', () => {
  expect(readVoteApiSettings({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    setting: 'VOTES_PORT',
    redisUrl: 'redis://127.0.0.1:6379',
    database: { folder: '.concordat/voting' },
    corsOrigins: ['http://127.0.0.1:3002', 'http://localhost:3002'],
    requestsPerMinute: 600,
    trustProxy: [],
  })
  expect(readTallySettings({ TALLY_PORT: 'off' }).listening).toBeUndefined()
  expect(readWebSettings({ VOTES_PORT: '4000' }).apiUrl).toBe('http://127.0.0.1:4000')
  expect(readPatienceMs({})).toBe(30_000)
})

test('what is set is taken', () => {
  const { database, corsOrigins, requestsPerMinute, trustProxy } = readVoteApiSettings({
    VOTES_DATABASE_URL: 'postgres://votes@db/votes',
    VOTES_CORS_ORIGINS: 'https://vote.example, http://other.example:81',
    VOTES_RATE_LIMIT: 'off',
    VOTES_TRUST_PROXY: 'loopback, 10.0.0.0/8, fd00::/8, 192.0.2.1',
  })
  expect(database).toEqual({ url: 'postgres://votes@db/votes' })
  expect(corsOrigins).toEqual(['https://vote.example', 'http://other.example:81'])
  expect(requestsPerMinute).toBeUndefined()
  expect(trustProxy).toEqual(['loopback', '10.0.0.0/8', 'fd00::/8', '192.0.2.1'])
  expect(readPatienceMs({ VOTES_WAIT_SECONDS: '5' })).toBe(5_000)
})

describe('a wrong value is named', () => {
  test.each([
    [
      { VOTES_PORT: 'http' },
      'VOTES_PORT is "http"; it must be a whole number from 0 to 65535 (0 takes any free port).',
    ],
    [{ VOTES_PORT: '65536' }, 'VOTES_PORT is "65536"'],
    [{ VOTES_DATABASE_URL: 'mysql://u:secret@h/d' }, /^VOTES_DATABASE_URL is no address of a PostgreSQL(?!.*secret)/],
    [{ VOTES_CORS_ORIGINS: 'http://a.example/path' }, 'VOTES_CORS_ORIGINS has "http://a.example/path"'],
    [{ VOTES_CORS_ORIGINS: '*' }, 'VOTES_CORS_ORIGINS has "*"'],
    [{ VOTES_RATE_LIMIT: '0' }, 'VOTES_RATE_LIMIT is "0"'],
    [{ VOTES_TRUST_PROXY: '10.0.0.0/8, proxy' }, 'VOTES_TRUST_PROXY has "proxy"'],
    [{ VOTES_TRUST_PROXY: '10.0.0.0/33' }, 'VOTES_TRUST_PROXY has "10.0.0.0/33"'],
  ])('%j', (env, sentence) => {
    expect(() => readVoteApiSettings(env)).toThrow(sentence)
  })

  test('of the time to wait', () => {
    expect(() => readPatienceMs({ VOTES_WAIT_SECONDS: 'long' })).toThrow('VOTES_WAIT_SECONDS is "long"')
  })

  test('of the page', () => {
    expect(() => readWebSettings({ VOTES_API_URL: "http://x'; script-src *" })).toThrow('VOTES_API_URL is')
  })
})
