import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ordersWritten } from '../../../docs/tutorial/shipping/orders.written.ts'
import { Orders } from '../../../docs/tutorial/shop/concordat.config.ts'
import { works } from '../../support/program.ts'
import { type Block, listBlocks, read } from '../markdown.ts'
import { makeWorld, type World } from './tutorial-world.ts'

const PAGE = 'docs/tutorial.md'
const PYTHON = '## The same in another language'

const ofPython = read(PAGE).slice(0, read(PAGE).indexOf(PYTHON)).split('\n').length
const steps = listBlocks()
  .filter(({ page, language }) => page === PAGE && language !== '')
  .flatMap(stepsOf)
const hasPython = await works({ command: 'python3', env: {} })

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('what the shipping service has pulled in this repository is what the shop writes', () => {
  expect(ordersWritten.schema.fingerprint).toBe(Orders.schema.fingerprint)
})

describe('the tutorial, from top to bottom', () => {
  runAll(steps.filter(({ line }) => line < ofPython))
})

const describeIt = hasPython ? describeThrough : describeAbsence
describeIt()

function describeThrough(): void {
  describe('the tutorial, in Python', () => {
    runAll(steps.filter(({ line }) => line >= ofPython))
  })
}

function describeAbsence(): void {
  describe('Python is not available here: there is no python3 that runs', () => {
    test('so the tutorial is run without its last part', () => {
      expect(steps.filter(({ does }) => does.startsWith('python3 ')).length).toBeGreaterThan(0)
    })
  })
}

function runAll(some: readonly Step[]): void {
  test.each(some)('line $line: $does', { timeout: 60_000 }, async ({ run, shown }) => {
    expect(withoutIds(await run())).toBe(withoutIds(shown))
  })
}

type Step = {
  readonly line: number
  readonly does: string
  readonly run: () => Promise<string>
  /** What the page shows of it. */
  readonly shown: string
}

function stepsOf({ line, language, marker, text }: Block): Step[] {
  if (language !== 'console') {
    const file = marker.replace('file: ', '')
    return [{ line, does: `write ${file}`, run: async () => (await world.write(file, text), text), shown: read(file) }]
  }
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [does = ''] = part.split('\n')
      const shown = part.slice(does.length + 1)
      return { line, does, shown, run: () => world.run(does, shown) }
    })
}

/** The ids of entries are times. */
function withoutIds(text: string): string {
  return text.replaceAll(/\b\d{13}-\d+\b/g, 'ID')
}
