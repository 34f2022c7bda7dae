import { expect, test } from 'vitest'
import { SCHEMA_REGISTRY } from '../../registry/openapi/schema-registry.ts'
import { LEVELS } from '../../registry/subjects/levels.ts'
import { codesIn, rowsUnder } from './markdown.ts'

test('docs/registry-api.md lists every path of that API, and no other', () => {
  const told = rowsUnder('docs/registry-api.md', 'Paths').map(([request = '']) => codesIn(request)[0] ?? '')
  // which the tests of the document hold against the routes
  expect(told.toSorted()).toEqual(Object.keys(SCHEMA_REGISTRY.operations).toSorted())
})

test('docs/registry-api.md names every level', () => {
  const levels = rowsUnder('docs/registry-api.md', 'Compatibility').flatMap(([level = '']) => codesIn(level))
  expect(LEVELS.filter((level) => !level.endsWith('_TRANSITIVE'))).toEqual(levels.slice(0, 4))
})
