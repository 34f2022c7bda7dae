import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findStrays, listSources, straysIn } from './support/architecture.ts'

const root = join(import.meta.dirname, '..')

test('every import, and every look at the clock or the environment, keeps to DESIGN §4', () => {
  expect(listSources(root)).toContain('test/architecture.test.ts')
  expect(findStrays(root)).toEqual([])
})

test('a planted stray is found in its file and line', async () => {
  const folder = await plant({
    'producers/send.ts': `import { a } from '../contracts/index.ts'\nimport { b } from '../consumers/index.ts'\n`,
    'consumers/index.ts': `export { consumer } from './consumer.ts'\n`,
  })
  expect(findStrays(folder)).toEqual([
    `producers/send.ts:2 imports '../consumers/index.ts': producers may import ` +
      'contracts/index.ts, streams/index.ts, telemetry/index.ts, registry/client.ts, its own files but index.ts',
  ])
})

test.each([
  ['contracts/a.ts', `import { x } from '../streams/index.ts'`],
  ['contracts/a.ts', `import type { X } from '../registry/index.ts'`],
  ['contracts/a.ts', `import { readFile } from 'node:fs/promises'`],
  ['contracts/a.ts', `import { setTimeout } from 'timers'`],
  ['contracts/a.ts', `const now = Date.now()`],
  ['contracts/a.ts', `const now = new Date()`],
  ['contracts/a.ts', `setTimeout(again, 10)`],
  ['contracts/a.ts', `const start = performance.now()`],
  ['contracts/a.ts', `const answer = await fetch(url)`],
  ['contracts/a.ts', `const home = process.env.HOME`],
  ['contracts/wire/a.ts', `import { x } from '../index.ts'`],
  ['contracts/index.ts', `export * from './json.ts'`],
  ['telemetry/a.ts', `import { x } from '../contracts/index.ts'`],
  ['telemetry/a.ts', `import { x } from '../streams/index.ts'`],
  ['contracts/a.ts', `import { x } from '../telemetry/index.ts'`],
  ['streams/a.ts', `import { x } from '../registry/client.ts'`],
  ['streams/a.ts', `import { x } from '../contracts/json.ts'`],
  ['registry/a.ts', `import { x } from '../streams/index.ts'`],
  ['registry/a.ts', `import { x } from '../contracts/schema/read.ts'`],
  ['registry/server.ts', `const port = process.env.PORT`],
  ['registry/a.ts', `import { x } from 'concordat/contracts'`],
  ['producers/a.ts', `import { x } from '../registry/index.ts'`],
  ['producers/a.ts', `export { x } from '../consumers/index.ts'`],
  ['consumers/a.ts', `const x = await import('../producers/index.ts')`],
  ['consumers/a.ts', `export type X = import('../cli/main.ts').X`],
  ['cli/main.ts', `import { x } from '../examples/voting/main.ts'`],
  ['cli/main.ts', `import { x } from '../test/support/redis.ts'`],
  ['examples/voting/main.ts', `import { x } from '../../contracts/index.ts'`],
  ['examples/voting/main.ts', `import { x } from 'concordat/streams'`],
  ['examples/voting/main.ts', `import { x } from '../../test/support/redis.ts'`],
  ['examples/voting/demo/main.ts', `import { x } from '../../../test/support/stream.ts'`],
  ['bench/main.ts', `import { x } from '../cli/main.ts'`],
  ['test/a.test.ts', `import fc from 'fast-check'`],
  ['bench/main.ts', `import { x } from '../test/support/stream.ts'`],
])('%s may not say %j', (file, text) => {
  expect(straysIn(file, text)).toEqual([expect.stringContaining(`${file}:1 `)])
})

test.each([
  ['contracts/a.ts', `import { Type } from '@sinclair/typebox'\nimport { createHash } from 'node:crypto'`],
  ['contracts/a.ts', `// Date.now() and process.env are not for us\nconst update = 'new dates'`],
  ['contracts/index.ts', `export { stream } from './stream.ts'`],
  ['streams/a.ts', `import { Contract } from '../contracts/index.ts'\nconst now = Date.now()`],
  ['registry/settings.ts', `const port = process.env.PORT`],
  ['registry/a.ts', `import { createMetrics } from '../telemetry/index.ts'`],
  ['producers/a.ts', `import { x } from '../registry/client.ts'\nimport { y } from '../streams/index.ts'`],
  ['cli/commands/check.ts', `import { x } from '../../contracts/schema/read.ts'\nimport { y } from '../output.ts'`],
  [
    'examples/voting/vote-api.ts',
    `import { x } from 'concordat/producers'\nimport { Votes } from './votes.contract.ts'`,
  ],
  ['examples/voting/demo/redis.ts', `import { x } from '../../../test/support/redis.ts'`],
  ['bench/main.ts', `import { x } from '../contracts/wire/kinds.ts'\nconst part = process.env.PART`],
  [
    'test/cli/main.test.ts',
    `import { x } from '../../cli/main.ts'\nimport packed from '../../package.json' with { type: 'json' }`,
  ],
])('%s may say %j', (file, text) => {
  expect(straysIn(file, text)).toEqual([])
})

async function plant(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-architecture-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}
