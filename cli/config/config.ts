import { existsSync, statSync } from 'node:fs'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { wrongUsage } from '../refused.ts'
import type { Declared, DeclaredContract } from './declared.ts'
import type { FileNames } from './json-file.ts'
import type { Moved } from './thread.ts'

/** What a service says of itself in its configuration, and the file that says it. */
export type Config = Declared & { readonly file: string }

export const CONFIG_NAMES = [
  'concordat.config.ts',
  'concordat.config.mts',
  'concordat.config.js',
  'concordat.config.mjs',
  'concordat.json',
] as const

const ENDINGS = /\.(?:[cm]?[jt]s|json)$/

/** Finds the configuration that `--config` names, or the one in the working folder. */
export function findConfig(named: string | undefined, folder = process.cwd()): string {
  if (named !== undefined) {
    const file = resolve(folder, named)
    if (!existsSync(file))
      throw wrongUsage('config.missing', `There is no configuration "${named}": name another with --config.`)
    if (!statSync(file).isFile() || !ENDINGS.test(file))
      throw wrongUsage(
        'config.no-file',
        `"${named}" is no configuration: name a file of TypeScript, JavaScript or JSON.`,
      )
    return file
  }
  const [found, another] = CONFIG_NAMES.filter((name) => existsSync(join(folder, name)))
  if (found === undefined)
    throw wrongUsage(
      'config.missing',
      `There is no configuration in ${folder}: write concordat.config.ts or concordat.json, or name one with --config.`,
    )
  if (another !== undefined)
    throw wrongUsage('config.ambiguous', `Both ${found} and ${another} are there: name one with --config.`)
  return join(folder, found)
}

/** Loads a configuration and the files that it names. It throws, with one sentence, for whatever is wrong with them. */
export async function loadConfig(
  file: string,
  { top = findTop(file), shownFrom = process.cwd() } = {},
): Promise<Config> {
  return { file, ...(await load(file, namesFrom(top, shownFrom))) }
}

/** The same for a configuration of another commit, whose files were written into a folder of their own. */
export async function loadMovedConfig(file: string, moved: Moved): Promise<Config> {
  return { file, ...(await load(file, namesFrom(moved.from, moved.from), moved)) }
}

async function load(file: string, names: FileNames, moved?: Moved): Promise<Declared> {
  if (extname(file) === '.json') {
    const { readJsonConfig } = await import('./json-file.ts')
    return readJsonConfig(file, names)
  }
  const { loadModule } = await import('./module-file.ts')
  const declared = await loadModule(file, names, moved)
  const toldFrom = (origin: string) =>
    origin.replace(/^(.*?)(:\d+)?$/, (_, path: string, line = '') => names.told(path) + line)
  return {
    ...declared,
    contracts: declared.contracts.map(
      (contract): DeclaredContract => ({ ...contract, origin: toldFrom(contract.origin ?? file) }),
    ),
  }
}

/** People see files from where they work; the registry is told them from the top of the repository. */
function namesFrom(top: string, folder: string): FileNames {
  return { shown: (path) => nameFrom(folder, path), told: (path) => nameFrom(top, path) }
}

function nameFrom(folder: string, path: string): string {
  const below = relative(folder, path)
  return (below.startsWith('..') ? path : below).split(sep).join('/')
}

/** The top of the repository that holds a file, or the file's own folder where there is none. */
function findTop(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) return dirname(file)
  }
}
