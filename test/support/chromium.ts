import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import { type GuardedProcess, spawnGuarded } from './guarded-process.ts'
import { waitFor } from './wait-for.ts'

/** A page in a browser of its own, asked by the words of the DevTools protocol. */
export type Page = AsyncDisposable & {
  /** Opens an address, and resolves when all that it loads is there. */
  goto(url: string): Promise<void>
  /** The value of an expression in the page, which may be a promise of it. */
  evaluate(expression: string): Promise<unknown>
  press(key: 'Tab' | 'Enter' | 'Space'): Promise<void>
  /** Presses the mouse in the middle of the first element that a selector finds. */
  click(selector: string): Promise<void>
  /** Shows the page in a window of this width, and in the colours that somebody prefers. */
  show(as: { readonly width: number; readonly colours: 'light' | 'dark' }): Promise<void>
  /** What a screen reader would be told of the page: a line for each thing with a role and a name, in order. */
  spoken(): Promise<string[]>
  /** What the page wrote to the console as an error, and what was refused by its policy. */
  errors(): readonly string[]
  screenshot(): Promise<Buffer>
}

/** Starts a headless Chromium with one empty page. It ends with this process at the latest. */
export async function openPage(): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-chromium-'))
  const browser = await spawnGuarded({
    command: await chromium(),
    args: [...ARGS, `--user-data-dir=${folder}`, 'about:blank'],
    folder,
    env: { HOME: folder },
  })
  try {
    return await attach(browser)
  } catch (error) {
    await browser[Symbol.asyncDispose]()
    throw error
  }
}

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--remote-debugging-port=0',
]

/** The npm package's browser, unpacked once for this clone. Of several that unpack it at once, each makes it whole. */
async function chromium(): Promise<string> {
  const place = join(import.meta.dirname, '../../.cache/chromium')
  const file = join(place, 'chromium')
  if (existsSync(file)) return file
  await mkdir(place, { recursive: true })
  const packed = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../bin/chromium.br')
  const own = join(place, `unpacking-${process.pid}`)
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(own, { mode: 0o755 }))
  await rename(own, file)
  return file
}

/** Parts of what has been spoken already. */
const UNSPOKEN = new Set(['StaticText', 'InlineTextBox', 'RootWebArea'])

type Heard = {
  readonly id?: number
  readonly method?: string
  readonly params?: Told
  readonly result?: Told
  readonly error?: { readonly message: string }
}
/** The members of the answers and events that are looked at here. */
type Told = {
  readonly entry?: { readonly level: string; readonly text: string }
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } }
  readonly errorText?: string
  readonly result?: { readonly value?: unknown }
  readonly nodes?: readonly Spoken[]
  readonly data?: string
}
type Named = { readonly value: string }
type Spoken = { readonly ignored: boolean; readonly role?: Named; readonly name?: Named }

async function attach(browser: GuardedProcess): Promise<Page> {
  const [, port] = await waitFor(
    'its port',
    () => /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(browser.output()),
    30_000,
  )
  const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string
    webSocketDebuggerUrl: string
  }[]
  const socket = new WebSocket(pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '')
  const errors: string[] = []
  const asked = new Map<number, PromiseWithResolvers<Told>>()
  const events = new EventTarget()
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(String(data)) as Heard
    const waiting = asked.get(id ?? 0)
    if (error) waiting?.reject(new Error(error.message))
    else waiting?.resolve(result ?? {})
    if (params?.entry?.level === 'error') errors.push(params.entry.text)
    if (method === 'Runtime.exceptionThrown') errors.push(params?.exceptionDetails?.text ?? '')
    if (method !== undefined) events.dispatchEvent(new Event(method))
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  let count = 0
  const ask = (method: string, params: object = {}): Promise<Told> => {
    count += 1
    const answer = Promise.withResolvers<Told>()
    asked.set(count, answer)
    socket.send(JSON.stringify({ id: count, method, params }))
    return answer.promise
  }
  await Promise.all(['Page', 'Runtime', 'Log', 'Accessibility'].map((domain) => ask(`${domain}.enable`)))
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await ask('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result?.value
  }
  return {
    goto: async (url) => {
      const loaded = new Promise((resolve) => events.addEventListener('Page.loadEventFired', resolve, { once: true }))
      const { errorText } = await ask('Page.navigate', { url })
      if (errorText) throw new Error(`${url} cannot be opened: ${errorText}`)
      await loaded
    },
    evaluate,
    press: async (key) => {
      const text = { Tab: '\t', Enter: '\r', Space: ' ' }[key]
      const pressed = { key: key === 'Space' ? ' ' : key, code: key, text, windowsVirtualKeyCode: text.charCodeAt(0) }
      await ask('Input.dispatchKeyEvent', { type: 'keyDown', ...pressed })
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', ...pressed })
    },
    click: async (selector) => {
      const box = `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()`
      const [x, y] = (await evaluate(
        `(({ x, y, width, height }) => [x + width / 2, y + height / 2])(${box})`,
      )) as number[]
      const pressed = { x, y, button: 'left', clickCount: 1 }
      await ask('Input.dispatchMouseEvent', { type: 'mousePressed', ...pressed })
      await ask('Input.dispatchMouseEvent', { type: 'mouseReleased', ...pressed })
    },
    show: async ({ width, colours }) => {
      await ask('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false })
      await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colours }] })
    },
    spoken: async () => {
      const { nodes = [] } = await ask('Accessibility.getFullAXTree')
      return nodes.flatMap(({ ignored, role, name }) =>
        ignored || !role || !name?.value || UNSPOKEN.has(role.value) ? [] : [`${role.value} ${name.value}`],
      )
    },
    errors: () => errors,
    screenshot: async () => Buffer.from((await ask('Page.captureScreenshot')).data ?? '', 'base64'),
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await browser[Symbol.asyncDispose]()
    },
  }
}
