// Installs what package-lock.json names, once per lockfile. Plain JavaScript for any Node >= 20: it runs before there is anything else.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = import.meta.dirname ?? '.'
const marker = join(root, 'node_modules', '.concordat-installed')
const wanted = `${createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')} ${process.platform} ${process.arch}\n`

if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Concordat's set-up needs Node 20 or later; this is ${process.versions.node}.`)
if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) await install()

async function install() {
  const started = Date.now()
  console.log('Setting up: installing the dependencies that package-lock.json names (once, about half a minute) …')
  const ticking = setInterval(() => console.log(`  … still installing, ${seconds(started)} s`), 10_000)
  const code = await npmCi()
  clearInterval(ticking)
  if (code !== 0)
    fail(
      `Setting up failed: "npm ci" ended with exit code ${code}; its messages are above. Mend what they name, then run the same command again.`,
    )
  writeFileSync(marker, wanted)
  console.log(`Set up in ${seconds(started)} s.\n`)
}

function npmCi() {
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('js') ? [process.execPath, [npm]] : [npm ?? 'npm', []]
  // NODE_OPTIONS and the silence about engines: the newest tools are run by the Node that this very step brings along.
  const env = { ...process.env, NODE_OPTIONS: '', PACT_DO_NOT_TRACK: 'true', SCARF_ANALYTICS: 'false' }
  const child = spawn(command, [...args, 'ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 1)))
}

function seconds(since) {
  return Math.round((Date.now() - since) / 1000)
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
