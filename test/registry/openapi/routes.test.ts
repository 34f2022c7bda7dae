import type { RouteOptions } from 'fastify'
import { expect, test } from 'vitest'
import { SURFACES } from '../../../registry/openapi/document.ts'
import { temporaryRegistry } from '../temporary.ts'

test('every route of every surface is described, and nothing else', async () => {
  await using registry = await temporaryRegistry()
  const routes: RouteOptions[] = []
  registry.app.addHook('onRoute', (route) => void routes.push(route))
  await registry.app.ready()
  const known = routes.flatMap(({ method, url }) => [method].flat().map((one) => `${one} ${url}`))
  const described = SURFACES.flatMap(({ operations }) => Object.keys(operations))
  // Fastify answers HEAD where it answers GET.
  expect(described.toSorted()).toEqual(known.filter((route) => !route.startsWith('HEAD ')).toSorted())
})
