import { expect, test } from 'vitest'
import packed from '../../package.json' with { type: 'json' }
import { codesIn, listPages, read, rowsOn } from './markdown.ts'

test('decision 0004 lists every dependency, and no other', () => {
  const told = rowsOn('docs/decisions/0004-dependencies.md').map(([name = '', kind]) => [codesIn(name)[0], kind])
  const peers = Object.keys(packed.peerDependencies).map((name) => [name, 'peerDependency'])
  const dependencies = Object.keys(packed.dependencies).map((name) => [name, 'dependency'])
  const devDependencies = Object.keys(packed.devDependencies).map((name) => [name, 'devDependency'])
  expect(told).toEqual([...peers, ...dependencies, ...devDependencies])
})

test.each(listPages().filter((page) => page.startsWith('docs/decisions/')))(
  '%s says what, why, and what would change our mind',
  (page) => {
    const text = read(page)
    const parts = [/\*\*What/, /\bwhy\b/i, /\*\*What would change our mind\.\*\*/]
    expect(text).toMatch(new RegExp(`^# ${page.replace('docs/decisions/', '').slice(0, 4)} `))
    expect(parts.filter((part) => !part.test(text))).toEqual([])
  },
)
