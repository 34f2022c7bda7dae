import { expect, test } from 'vitest'
import { redacting, withoutSecrets } from '../../registry/redaction.ts'

test.each([
  [{ token: 'secret' }, { token: '[redacted]' }],
  [{ req: { headers: { Authorization: 'Basic "secret' } } }, { req: { headers: { Authorization: '[redacted]' } } }],
  [
    { err: { headers: { 'set-cookie': ['secret', 'sec"]ret'] } } },
    { err: { headers: { 'set-cookie': '[redacted]' } } },
  ],
  [{ 'idempotency-key': 'secret\\' }, { 'idempotency-key': '[redacted]' }],
  [{ msg: 'GET / with Bearer secret-of-mine' }, { msg: 'GET / with Bearer [redacted]' }],
  [{ msg: 'cannot reach postgres://me:secret@db/votes' }, { msg: 'cannot reach postgres://[redacted]@db/votes' }],
  [{ msg: 'cannot reach redis://:secret@r, nor b' }, { msg: 'cannot reach redis://[redacted]@r, nor b' }],
  [
    { msg: `no token "concordat_abcdefgh2345_${'s'.repeat(43)}"` },
    { msg: 'no token "concordat_abcdefgh2345_[redacted]"' },
  ],
])('keeps what is secret in %j out of the log', (line, written) => {
  expect(JSON.parse(withoutSecrets(JSON.stringify(line)))).toEqual(written)
})

test.each([
  [{ tokenId: 7, tokens: 3, token: null, msg: 'A token was refused', url: 'http://127.0.0.1:8081/a@b:c' }],
  [{ level: 30, route: '/api/tokens', identity: 'ci', msg: 'request' }],
])('leaves %j as it is', (line) => {
  expect(withoutSecrets(JSON.stringify(line))).toBe(JSON.stringify(line))
})

test('does not take long for what is made to take long', () => {
  const started = performance.now()
  for (const part of ['"token":"\\a', '"token":["a",', '://a:a', 'Bearer ', '://', 'concordat_abcdefgh2345_a'])
    withoutSecrets(part.repeat(20_000))
  expect(performance.now() - started).toBeLessThan(1000)
})

test('writes each line to the stream behind it', () => {
  const written: string[] = []
  redacting({ write: (line) => written.push(line) }).write('{"token":"secret"}\n')
  expect(written).toEqual(['{"token":"[redacted]"}\n'])
})
