import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outcomeOf } from '../support/outcome.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PROGRAM = `
import { activeTraceparent, createMetrics, isTracing, startSpan } from './telemetry/index.ts'
const span = startSpan({ name: 'any', kind: 'producer', attributes: {} })
const metrics = createMetrics()
metrics.counter({ name: 'votes_total', help: 'Votes.' }).of({}).add(1)
const text = await metrics.text()
console.log(JSON.stringify([isTracing(), span ?? null, activeTraceparent() ?? null, text.includes('votes_total 1')]))
`

test('where OpenTelemetry is not installed, there is no tracing, and all else is as it was', async () => {
  const folder = await temporaryFolder()
  await cp(join(import.meta.dirname, '../../telemetry'), join(folder, 'telemetry'), { recursive: true })
  const args = ['--input-type=module', '--eval', PROGRAM]
  expect(await outcomeOf(process.execPath, args, { cwd: folder })).toMatchObject({
    code: 0,
    stdout: '[false,null,null,true]\n',
  })
})
