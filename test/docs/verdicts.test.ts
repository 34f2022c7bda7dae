import { expect, test } from 'vitest'
import { EXIT } from '../../cli/exit.ts'
import { codesIn, namesIn, read, rowsUnder } from './markdown.ts'

/** The members of a union of texts, as they stand in a source. */
function unionIn(file: string, type: string): string[] {
  const [, union = ''] = new RegExp(`^export type ${type} =([^=]*?)\\n\\n`, 'm').exec(read(file)) ?? []
  return [...union.matchAll(/'([^']+)'/g)].map(([, member = '']) => member)
}

test('docs/verdicts.md lists every reason of an unknown verdict, and no other', () => {
  const reasons = unionIn('contracts/decide/verdict.ts', 'UnknownReason')
  expect(reasons).toContain('beyond-engine')
  expect(namesIn(rowsUnder('docs/verdicts.md', 'Why a verdict is unknown'))).toEqual(reasons)
})

test('docs/verdicts.md lists both policies', () => {
  const policies = unionIn('contracts/decide/verdict.ts', 'Policy')
  expect(namesIn(rowsUnder('docs/verdicts.md', 'Policies')).sort()).toEqual(policies.sort())
})

test('docs/verdicts.md lists every exit code with its name', () => {
  const rows = rowsUnder('docs/verdicts.md', 'Exit codes')
  expect(Object.fromEntries(rows.map(([code, name = '']) => [codesIn(name)[0], Number(code)]))).toEqual(EXIT)
})

test('README.md lists every exit code', () => {
  const codes = rowsUnder('README.md', 'Check two schemas in CI').map(([code]) => Number(code))
  expect(codes).toEqual(Object.values(EXIT))
})
