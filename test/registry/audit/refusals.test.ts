import { expect, onTestFinished, test, vi } from 'vitest'
import { MOST_KINDS, MOST_WAITING, Refusals } from '../../../registry/audit/refusals.ts'
import type { AuditEntry } from '../../../registry/store/access.ts'

const refused: AuditEntry = {
  who: 'anonymous',
  credential: 'anonymous',
  action: 'POST /subjects/:subject/versions',
  outcome: 'refused',
  status: 401,
  address: '10.0.0.1',
  count: 1,
}

function gathering() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const written: AuditEntry[] = []
  const errors: unknown[] = []
  let isAway = false
  const refusals = new Refusals({
    write: async (entries) => {
      if (isAway) throw new Error('away')
      written.push(...entries)
    },
    onError: (error) => errors.push(error),
  })
  return { refusals, written, errors, goAway: () => (isAway = true), comeBack: () => (isAway = false) }
}

test('writes the first of a kind soon, and counts those of the same minute that follow', async () => {
  const { refusals, written } = gathering()
  for (let i = 0; i < 10_000; i++) refusals.add(refused)
  refusals.add({ ...refused, address: '10.0.0.2' })
  await vi.advanceTimersByTimeAsync(200)
  expect(written).toEqual([refused, { ...refused, address: '10.0.0.2' }])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(written.slice(2)).toEqual([{ ...refused, count: 9999 }])
  refusals.add(refused)
  await refusals.close()
  expect(written.slice(3)).toEqual([refused])
})

test('keeps its memory and its rows bounded, whoever asks from wherever', async () => {
  const { refusals, written } = gathering()
  for (let i = 0; i < 3 * MOST_KINDS; i++) refusals.add({ ...refused, address: `10.0.${i >> 8}.${i & 255}` })
  await refusals.close()
  expect(written).toHaveLength(MOST_KINDS + 1)
  expect(written.at(-1)).toEqual({
    who: 'many',
    credential: 'anonymous',
    action: 'further refusals of one minute',
    outcome: 'refused',
    count: 2 * MOST_KINDS,
  })
})

test('takes all addresses of IPv6 that one sender has for one', async () => {
  const { refusals, written } = gathering()
  for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']) refusals.add({ ...refused, address })
  await refusals.close()
  expect(written.map(({ address, count }) => [address, count])).toEqual([
    ['2001:db8::1', 1],
    ['2001:db8:0:1::1', 1],
    ['2001:db8::1', 1],
  ])
})

test('keeps rows that could not be written, a bounded number of them, until they can', async () => {
  const { refusals, written, goAway, comeBack } = gathering()
  goAway()
  for (let minute = 0; minute < 7; minute++) {
    for (let i = 0; i < MOST_KINDS; i++) refusals.add({ ...refused, action: `${minute} ${i}` })
    await vi.advanceTimersByTimeAsync(60_000)
  }
  comeBack()
  await vi.advanceTimersByTimeAsync(60_200)
  expect(written).toHaveLength(MOST_WAITING)
  expect(written[0]).toEqual({ ...refused, action: '0 0' })
})

test('tells that rows could not be written, and goes on', async () => {
  const { refusals, errors, goAway } = gathering()
  goAway()
  refusals.add(refused)
  await refusals.close()
  expect(errors).toEqual([new Error('away')])
})
