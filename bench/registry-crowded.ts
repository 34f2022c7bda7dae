import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'undici'
import type { Case } from './harness.ts'

const ROUND_MS = 1500
const CLIENTS = 8
/** How long each client waits until it asks again: nobody measures a queue of its own making. */
const BETWEEN_MS = 2
const IDLE = 2000
const SLOW = 50
const IN_FLIGHT = 200

/** The registry among those who only cost it something. */
export async function cases(): Promise<readonly Case[]> {
  return [await crowded(), stopping(await temporaryFolder())]
}

async function crowded(): Promise<Case> {
  const [alone, among] = await Promise.all([startServer(), startServer()])
  const [ours, theirs] = [openClients(among), openClients(alone)]
  await openIdle(among)
  openSlow(among)
  let meanwhile = Number.NaN
  return {
    name: `p99 among ${IDLE.toLocaleString('en')} idle and ${SLOW} slow sockets`,
    unit: 'ms',
    better: 'lower',
    goal: 1.5,
    peer: 'the same without them',
    // At the same time: one after the other, what else a machine does would tell them apart more than the crowd.
    ours: async () => {
      const [mine, others] = await Promise.all([p99(ours), p99(theirs)])
      meanwhile = others
      return mine
    },
    theirs: () => meanwhile,
  }
}

function openClients(url: string): Client[] {
  return Array.from({ length: CLIENTS }, () => new Client(url))
}

/** The milliseconds within which 99 of 100 answers came. */
async function p99(clients: readonly Client[]): Promise<number> {
  const took: number[] = []
  const until = performance.now() + ROUND_MS
  const ask = async (client: Client) => {
    while (performance.now() < until) {
      const asked = performance.now()
      const { statusCode, body } = await client.request({ method: 'GET', path: '/subjects' })
      await body.dump()
      if (statusCode !== 200) throw new Error(`It was answered ${statusCode}`)
      took.push(performance.now() - asked)
      await wait(BETWEEN_MS)
    }
  }
  await Promise.all(clients.map(ask))
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? Number.NaN
}

/** Sockets that have asked once, and then say nothing any more. */
async function openIdle(url: string): Promise<void> {
  for (let opened = 0; opened < IDLE; opened += 100)
    await Promise.all(Array.from({ length: 100 }, () => once(openOneIdle(url), 'data')))
}

function openOneIdle(url: string): Socket {
  const socket = openSocket(url, 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  return socket.once('close', () => openOneIdle(url))
}

const HEAD = 'POST /subjects/votes/versions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'

/** Sockets that send a byte now and then, of headers or of a body, and come again when they are turned away. */
function openSlow(url: string): void {
  for (let i = 0; i < SLOW; i++) {
    const beginning = i % 2 === 0 ? HEAD : `${HEAD}Content-Length: 100000\r\n\r\n`
    // Strangers do not keep step.
    setTimeout(() => openOneSlow(url, beginning), (i * DRIP_MS) / SLOW)
  }
}

const DRIP_MS = 100

function openOneSlow(url: string, beginning: string): void {
  const socket = openSocket(url, beginning)
  const dripping = setInterval(() => socket.write('x'), DRIP_MS)
  socket.once('close', () => {
    clearInterval(dripping)
    openOneSlow(url, beginning)
  })
}

function openSocket(url: string, sent: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(sent)
  return socket.resume()
}

/** Runs until the benchmark ends. */
async function startServer(): Promise<string> {
  const child = fork(join(import.meta.dirname, 'registry-process.ts'), ['registry', await temporaryFolder()])
  process.once('exit', () => child.kill('SIGKILL'))
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  child.unref()
  child.channel?.unref()
  return url
}

function stopping(folder: string): Case {
  return {
    name: `answered of ${IN_FLIGHT} requests in flight at SIGTERM`,
    unit: 'requests',
    better: 'higher',
    goal: IN_FLIGHT,
    ours: async () => {
      const { child, url } = await serve(folder)
      const held = await Promise.all(Array.from({ length: IN_FLIGHT }, () => hold(url)))
      child.kill('SIGTERM')
      await closed(url)
      const answers = await Promise.all(held.map(finish))
      const [code] = (await once(child, 'exit')) as [number | null]
      if (code !== 0) throw new Error(`It ended with ${code}`)
      return answers.filter((answer) => answer.startsWith('HTTP/1.1 200 ')).length
    },
  }
}

async function serve(folder: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const args = ['cli/main.ts', 'serve', '--json', '--port', '0', '--data', folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  return { child, url: (JSON.parse(String(line)) as { listening: string }).listening }
}

const BODY = '{"schemaType":"JSON","schema":"{}"}'

/** Begins a request, and resolves when the server has it in hand. */
async function hold(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(`${HEAD}Expect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n`)
  await once(socket, 'data')
  return socket
}

/** The answer, or nothing where the connection ends without one. */
async function finish(socket: Socket): Promise<string> {
  const answer = Promise.race([once(socket, 'data'), once(socket, 'close')])
  socket.write(BODY)
  return String((await answer)[0])
}

/** Resolves when nobody listens any more. */
async function closed(url: string): Promise<void> {
  for (;;) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (!isOpen) return
    await wait(5)
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
