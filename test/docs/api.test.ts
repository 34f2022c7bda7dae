import { globSync } from 'node:fs'
import { expect, test } from 'vitest'
import { temporaryRegistry } from '../registry/temporary.ts'
import { codesIn, read, root, rowsUnder } from './markdown.ts'

test('docs/api.md lists every path of that API, and no other', async () => {
  await using registry = await temporaryRegistry()
  await registry.app.ready()
  const told = rowsUnder('docs/api.md', 'Paths').map(([request = '']) => codesIn(request)[0] ?? '')
  for (const request of told) {
    const [method = '', url = ''] = request.split(' ')
    expect({ request, isThere: registry.app.hasRoute({ method, url }) }).toEqual({ request, isThere: true })
  }
  const routes = globSync('registry/api/*.ts', { cwd: root }).map(read).join('\n')
  const written = [...routes.matchAll(/app\.(get|post|put|delete)\b[^(]*\(\s*'([^']+)'/g)]
  const all = written.map(([, method = '', url]) => `${method.toUpperCase()} /api${url}`)
  expect(all.toSorted()).toEqual(told.toSorted())
})

test('docs/errors.md tells the status with which the own API answers', () => {
  const statuses = read('registry/api/problems.ts').matchAll(/^ {2}'([a-z.-]+)': (\d+),$/gm)
  const told = rowsUnder('docs/errors.md', 'Registry').filter(([, , answer = '']) => answer.endsWith('on `/api`'))
  const known = new Map([...statuses].map(([, code = '', status = '']) => [code, `${status} on \`/api\``]))
  expect(told.map(([code = '', , answer]) => [codesIn(code)[0], answer])).toEqual(
    told.map(([code = '']) => [codesIn(code)[0], known.get(codesIn(code)[0] ?? '')]),
  )
  expect(told.length).toBeGreaterThan(10)
})

test('docs/services.md tells every reason for which a gate stops', () => {
  const [, union = ''] = /readonly reason: ('incompatible'.*)$/m.exec(read('registry/gates/judge.ts')) ?? []
  const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason]) => reason)
  expect(rowsUnder('docs/services.md', 'What stops').map(([reason = '']) => codesIn(reason)[0])).toEqual(reasons)
})
