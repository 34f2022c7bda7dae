import { expect, test } from 'vitest'
import { httpSettingsOf } from '../../../consumers/http/options.ts'
import { codesIn, namesIn, read, rowsUnder } from '../../docs/markdown.ts'

const PAGE = 'docs/calling-http.md'

test('docs/calling-http.md lists every code with which a call can end, and no other', () => {
  const codes = [...read('consumers/http/errors.ts').matchAll(/'((?:call|response)\.[a-z-]+)'/g)].map(
    ([, code]) => code,
  )
  const told = rowsUnder(PAGE, 'How a call ends').flatMap(([, code = '']) => codesIn(code))
  expect(codes).toContain('call.no-answer')
  expect(new Set(told)).toEqual(new Set(codes))
})

test('docs/calling-http.md lists the options with their defaults', () => {
  const rows = rowsUnder(PAGE, 'Options')
  const defaults = new Map(rows.map(([name = '', value = '']) => [codesIn(name)[0], value]))
  const { timeoutMs, maxBodyBytes, retry, breaker } = httpSettingsOf({ baseUrl: 'https://votes.test' })
  expect(defaults.get('timeoutMs')).toBe(timeoutMs.toLocaleString('en'))
  expect(defaults.get('maxBodyBytes')).toBe(maxBodyBytes.toLocaleString('en'))
  for (const [name, value] of Object.entries({ retry, breaker }))
    expect(defaults.get(name)).toBe(
      `\`${JSON.stringify(value).replaceAll(/[":,{}]/g, (sign) => SPACED[sign] ?? sign)}\``,
    )
  const options = [...read('consumers/http/options.ts').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name)
  expect(options).toEqual(expect.arrayContaining(namesIn(rows)))
})

const SPACED: { readonly [sign: string]: string } = { '"': '', ':': ': ', ',': ', ', '{': '{ ', '}': ' }' }
