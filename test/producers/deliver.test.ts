import { expect, test } from 'vitest'
import { isFinal } from '../../producers/deliver.ts'

const IN_SCRIPT = 'ERR Error running script (call to f_334683e3): @user_script:36: @user_script: 36: '

// As Redis 6.2, 7.0 and ioredis say it.
test.each([
  [true, 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  [true, `${IN_SCRIPT}-WRONGTYPE Operation against a key holding the wrong kind of value`],
  [true, 'ERR unknown command'],
  [true, 'NOAUTH Authentication required.'],
  [false, "OOM command not allowed when used memory > 'maxmemory'."],
  [false, `${IN_SCRIPT}-OOM command not allowed when used memory > 'maxmemory'.`],
  [false, `${IN_SCRIPT}-READONLY You can't write against a read only replica.`],
  [false, 'LOADING Redis is loading the dataset in memory'],
])('%s: waiting does not mend "%s"', (final, message) => {
  expect(isFinal(Object.assign(new Error(message), { name: 'ReplyError' }))).toBe(final)
})

test('a lost connection is never final', () => {
  expect(isFinal(new Error('Connection is closed.'))).toBe(false)
})
