import { expect, test } from 'vitest'
import { LEVELS } from '../../registry/subjects/levels.ts'
import { temporaryRegistry } from '../registry/temporary.ts'
import { codesIn, read, rowsUnder } from './markdown.ts'

test('docs/registry-api.md lists every path of that API, and no other', async () => {
  await using registry = await temporaryRegistry()
  await registry.app.ready()
  const told = rowsUnder('docs/registry-api.md', 'Paths').map(([request = '']) => codesIn(request)[0] ?? '')
  for (const request of told) {
    const [method = '', url = ''] = request.split(' ')
    expect({ request, isThere: registry.app.hasRoute({ method, url }) }).toEqual({
      request,
      isThere: true,
    })
  }
  const routes = read('registry/schema-registry/subjects.ts') + read('registry/schema-registry/schemas.ts')
  const written = [...routes.matchAll(/app\.(get|post|put|delete)\b[^(]*\(\s*'([^']+)'/g)]
  const missing = written
    .map(([, method = '', url]) => `${method.toUpperCase()} ${url}`)
    .filter((one) => !told.includes(one))
  expect(missing).toEqual([])
})

test('docs/registry-api.md names every level', () => {
  const levels = rowsUnder('docs/registry-api.md', 'Compatibility').flatMap(([level = '']) => codesIn(level))
  expect(LEVELS.filter((level) => !level.endsWith('_TRANSITIVE'))).toEqual(levels.slice(0, 4))
})
