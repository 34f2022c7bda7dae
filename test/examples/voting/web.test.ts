import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTally } from '../../../examples/voting/tally/tally.ts'
import { buildWeb } from '../../../examples/voting/web/app.ts'
import { openPage, type Page } from '../../support/chromium.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import { outcomeOf } from '../../support/outcome.ts'
import { fieldsWritten, postVote, startVoteApi, type VoteApi } from '../../support/vote-api.ts'
import { waitFor } from '../../support/wait-for.ts'

const PATIENCE_MS = 15_000
const running = new AsyncDisposableStack()
const corsOrigins = new Set<string>()
let api: VoteApi
let network: FaultProxy
let web: string
let page: Page

beforeAll(async () => {
  api = running.use(await startVoteApi({ corsOrigins, pollMs: 20 }))
  running.use(startTally(api.redis, api.database, { blockMs: 100 }))
  network = running.use(await startFaultProxy(Number(new URL(api.url).port)))
  const app = running.adopt(await buildWeb(`http://127.0.0.1:${network.port}`), (server) => server.close())
  web = await app.listen({ host: '127.0.0.1', port: 0 })
  corsOrigins.add(web)
  page = running.use(await openPage())
  await page.goto(web)
})
afterAll(() => running.disposeAsync())

test('votes are cast with the mouse and with the keyboard alone, and the bars move live for votes of others', async () => {
  await shows('#total', '0 votes.')
  await page.press('Tab')
  expect(await text('document.activeElement')).toBe('Vote for cats')
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
  await page.press('Enter')
  await shows('#said', 'Your vote for cats counts.')
  await shows('#cats .count', '1 vote')
  await page.press('Space')
  await shows('#cats .count', '2 votes')
  await page.click('#dogs button')
  await shows('#said', 'Your vote for dogs counts.')
  await shows('#dogs .count', '1 vote')

  const before = await widthOf('#cats .fill')
  await postVote(api, { option: 'cats' }, randomUUID())
  await shows('#cats .percentage', '75 %')
  await waitFor('a wider bar', async () => (await widthOf('#cats .fill')) > before, PATIENCE_MS)
  await shows('#total', /^4 votes, the last one at .+\.$/)

  const votes = await fieldsWritten(api.redis, 'votes')
  expect(votes.map(({ option }) => option)).toEqual(['cats', 'cats', 'dogs', 'cats'])
  expect(new Set(votes.map(({ request_id }) => request_id)).size).toBe(4)
  expect(page.errors()).toEqual([])
})

test('a screen reader is told what is there and how the vote stands', async () => {
  const spoken = await page.spoken()
  expect(spoken.filter((line) => /^(heading|button|meter) /.test(line))).toEqual([
    'heading Cats or dogs?',
    'heading Cats',
    'meter Cats',
    'button Vote for cats',
    'heading Dogs',
    'meter Dogs',
    'button Vote for dogs',
  ])
  await shows('#standing', /^The vote stands at cats \d+, dogs \d+\.$/)
  expect(await page.evaluate(`document.querySelector('#cats .bar').ariaValueText`)).toBe('75 %, 3 votes')
})

test('nothing stands out of a narrow window, in light or dark, or with large letters', async () => {
  for (const colours of ['light', 'dark'] as const) {
    await page.show({ width: 320, colours })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    expect(await page.evaluate(`document.querySelector('#away').offsetHeight`)).toBe(0)
  }
  await page.evaluate(`document.documentElement.style.fontSize = '200%'`)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  await page.evaluate(`document.documentElement.style.fontSize = ''`)
})

test('what the page may do stands in its policy, and nothing breaks it', async () => {
  const { headers } = await fetch(web)
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
      `connect-src http://127.0.0.1:${network.port}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  const tag = headers.get('etag') ?? ''
  expect((await fetch(web, { headers: { 'if-none-match': tag } })).status).toBe(304)
  expect((await fetch(`${web}/../settings.ts`)).status).toBe(404)
  expect(page.errors()).toEqual([])
})

test('while the API is away the page says so, and sends a vote again that it could not send; then all goes on', async () => {
  const before = (await api.database.readTotals()).counts.dogs ?? 0
  network.refuse()
  await page.goto(web)
  await shows('#away', /^The vote API does not answer\./)
  await shows('#dogs .count', '')
  await page.click('#dogs button')
  await shows('#said', /^Your vote for dogs is not confirmed yet\./)

  // It may have arrived before: that there are too many now does not mean that it was not counted.
  await page.evaluate(
    `var real = fetch; fetch = async () => { fetch = real; return Response.json({}, { status: 429 }) }`,
  )
  await waitFor('the answer 429', () => page.evaluate('fetch === real'), PATIENCE_MS)
  network.heal()
  await shows('#away', '')
  await shows('#said', 'Your vote for dogs counts.')
  await shows('#dogs .count', `${before + 1} votes`)
  expect((await api.database.readTotals()).counts.dogs).toBe(before + 1)
})

test('its script is what the type checker takes for one', async () => {
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')
  const folder = join(import.meta.dirname, '../../../examples/voting/web/page')
  expect(await outcomeOf(process.execPath, [tsc, '-p', folder])).toEqual({ code: 0, stdout: '', stderr: '' })
})

async function text(element: string): Promise<string> {
  return String(await page.evaluate(`${element}.textContent`))
}

async function shows(selector: string, expected: string | RegExp): Promise<void> {
  const isShown = (shown: string) => (typeof expected === 'string' ? shown === expected : expected.test(shown))
  await waitFor(
    `"${expected}" in ${selector}`,
    async () => isShown(await text(`document.querySelector(${JSON.stringify(selector)})`)),
    PATIENCE_MS,
  )
}

async function widthOf(selector: string): Promise<number> {
  return Number(
    await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().width`),
  )
}
