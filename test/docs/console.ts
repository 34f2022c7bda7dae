import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import { listBlocks, root } from './markdown.ts'

export type Step = { readonly page: string; readonly command: string; readonly output: string }

/** The commands of all console blocks, and what the docs say that they print; the tutorial has a test of its own. */
export function listSteps(): Step[] {
  return listBlocks()
    .filter(({ page, language }) => language === 'console' && page !== 'docs/tutorial.md')
    .flatMap(({ page, text }) =>
      text
        .split(/^\$ /m)
        .slice(1)
        .map((step) => ({ page, command: step.split('\n')[0] ?? '', output: step.slice(step.indexOf('\n') + 1) })),
    )
}

const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, PORT: undefined, HOST: undefined }

/** Runs `npx node …` on this very Node, in the root, and answers what it printed. */
export async function runHere(command: string): Promise<string> {
  const args = command.replace(/^npx node /, '').split(' ')
  const { promise, resolve } = Promise.withResolvers<string>()
  // an exit code of its own is no failure here: what was printed is compared
  execFile(process.execPath, args, { cwd: root, env }, (_error, stdout, stderr) => resolve(stdout + stderr))
  return promise
}

export type Serving = AsyncDisposable & { readonly url: string; readonly greeting: string }

/** Runs `concordat serve` in a folder, on a free port. */
export async function serveIn(folder: string): Promise<Serving> {
  const child = spawn(process.execPath, [`${root}/cli/main.ts`, 'serve', '--port', '0'], { cwd: folder, env })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let greeting = ''
  for await (const line of createInterface(child.stdout)) {
    greeting += `${line}\n`
    if (line.includes('Ctrl+C')) break
  }
  const [url = ''] = /http:[^\s/]*\/\/[^\s/]+/.exec(greeting) ?? []
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  return { url, greeting, [Symbol.asyncDispose]: stop }
}

/** Does what a `curl` of the docs does, against another address. */
export async function curl(command: string, url: string): Promise<string> {
  const [address = ''] = /http:\S+/.exec(command) ?? []
  const [, name, value] = /-H '([^:]+): ([^']+)'/.exec(command) ?? []
  const [, body] = /-d '(.*)'$/.exec(command) ?? []
  const { pathname } = new URL(address)
  const response = await fetch(url + pathname, {
    ...(name !== undefined && value !== undefined && { headers: { [name]: value } }),
    ...(body !== undefined && { method: 'POST', body }),
  })
  return `${await response.text()}\n`
}
