import { expect, test } from 'vitest'
import { deadKey, retryKey } from '../../streams/index.ts'

test.each([
  ['votes', '{votes}:dead:tally', '{votes}:retry:tally'],
  ['{votes}:eu', '{votes}:eu:dead:tally', '{votes}:eu:retry:tally'],
  ['votes{}', '{votes{}}:dead:tally', '{votes{}}:retry:tally'],
])('dead letters and retries of %s share its slot', (stream, dead, retry) => {
  expect(deadKey(stream, 'tally')).toBe(dead)
  expect(retryKey(stream, 'tally')).toBe(retry)
})
