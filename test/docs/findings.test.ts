import { expect, test } from 'vitest'
import { FINDING_CODES } from '../../contracts/finding-codes.ts'
import { namesIn, rowsOn, rowsUnder } from './markdown.ts'

test('docs/findings.md lists every code of a finding, in the order of the code, and no other', () => {
  expect(namesIn(rowsOn('docs/findings.md'))).toEqual(Object.keys(FINDING_CODES))
})

test('docs/wire.md lists every code of a refused contract, and no other', () => {
  const codes = Object.keys(FINDING_CODES).filter((code) => code.startsWith('contract.'))
  expect(namesIn(rowsUnder('docs/wire.md', 'Refused contracts')).sort()).toEqual(codes.sort())
})
