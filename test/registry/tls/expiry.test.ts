import { expect, test } from 'vitest'
import { createReminders } from '../../../registry/tls/expiry.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const END = Date.parse('2027-03-01T12:00:00Z')

test.each([
  [30, 'warn', 'The certificate in "cert.pem" ends in 30 days (2027-03-01T12:00:00.000Z): put a new one there.'],
  [7, 'error', 'The certificate in "cert.pem" ends in 7 days (2027-03-01T12:00:00.000Z): put a new one there.'],
  [1.5, 'error', 'The certificate in "cert.pem" ends in 1 day (2027-03-01T12:00:00.000Z): put a new one there.'],
  [0.5, 'error', 'The certificate in "cert.pem" ends within a day (2027-03-01T12:00:00.000Z): put a new one there.'],
  [
    0,
    'error',
    'The certificate in "cert.pem" has ended (2027-03-01T12:00:00.000Z), and clients refuse it: put a new one there.',
  ],
])('says %s days before the end, as %s, that it comes', (days, level, sentence) => {
  expect(createReminders()('cert.pem', END, END - days * DAY_MS)).toEqual({ level, sentence })
})

test('says nothing of a certificate that lasts, and begins anew once it is replaced', () => {
  const remind = createReminders()
  expect(remind('cert.pem', END, END - 31 * DAY_MS)).toBeUndefined()
  expect(remind('cert.pem', END, END - 2 * DAY_MS)).toMatchObject({ level: 'error' })
  expect(remind('cert.pem', END + 90 * DAY_MS, END - 2 * DAY_MS)).toBeUndefined()
  expect(remind('cert.pem', END, END - 2 * DAY_MS)).toMatchObject({ level: 'error' })
})

test('says it once a day, and at once when 30, 7 and 1 days are reached', () => {
  const remind = createReminders()
  const saidAt: number[] = []
  for (let minutes = 32 * 24 * 60; minutes > -24 * 60; minutes -= 30) {
    const days = minutes / (24 * 60)
    if (remind('cert.pem', END, END - days * DAY_MS)) saidAt.push(days)
  }
  expect(saidAt).toEqual(Array.from({ length: 31 }, (_, i) => 30 - i))
})

test('does not wait for the next day when a threshold is passed', () => {
  const remind = createReminders()
  expect(remind('cert.pem', END, END - 7.5 * DAY_MS)).toMatchObject({ level: 'warn' })
  expect(remind('cert.pem', END, END - 7.4 * DAY_MS)).toBeUndefined()
  expect(remind('cert.pem', END, END - 6.9 * DAY_MS)).toMatchObject({ level: 'error' })
})
