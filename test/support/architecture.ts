import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob, posix } from 'node:path'
import { type Import, importsOf } from './imports.ts'

/** Who may import what, beside packages and its own files (DESIGN.md §4). An index.ts is a part's door for others. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  telemetry: [],
  streams: ['contracts/index.ts', 'telemetry/index.ts'],
  registry: ['contracts/index.ts', 'telemetry/index.ts', 'concordat/package.json'],
  producers: ['contracts/index.ts', 'streams/index.ts', 'telemetry/index.ts', 'registry/client.ts'],
  consumers: ['contracts/index.ts', 'streams/index.ts', 'telemetry/index.ts', 'registry/client.ts'],
  cli: ['{contracts,telemetry,streams,registry,producers,consumers}/**', 'concordat/package.json'],
  examples: ['concordat/{contracts,producers,consumers,registry,telemetry}'],
  // measuring needs the servers that the tests start
  bench: [
    '{contracts,telemetry,streams,registry,producers,consumers,concordat}/**',
    'test/support/{postgres,redis}.ts',
  ],
  test: ['**'],
}

/** What single folders may import beside that. */
const mayImportToo = [
  // it starts what the tests start, and ends it as surely
  { files: 'examples/voting/demo/**', modules: 'test/support/{guarded-process,redis,wait-for}.ts' },
]

const parts = Object.keys(mayImport)

/** contracts is pure: no network, no files, no clock, no environment. */
const impureModules =
  'fs net tls dgram http http2 https dns timers perf_hooks child_process cluster worker_threads process os'.split(' ')

const mayNotMention = [
  {
    files: 'contracts/**',
    except: [],
    code: /\bDate\.now\(|\bnew Date\(|\bset(?:Timeout|Interval|Immediate)\(|\bperformance\.|\bfetch\(|process\.env\b/g,
    because: 'contracts knows no clock, no network and no environment',
  },
  {
    files: '**',
    except: ['contracts/**', '**/settings.ts', 'test/**', 'bench/**'],
    code: /\bprocess\.env\b/g,
    because: 'the environment is read in settings.ts only',
  },
  {
    files: 'test/**',
    except: ['test/support/property.ts'],
    code: /^import .* from 'fast-check'/g,
    because: "properties come from test/support/property.ts, which gives them the suite's seed",
  },
]

/** Every breach of the rules in the parts under `root`, as `file:line what: why`. */
export function findStrays(root: string): string[] {
  return listSources(root).flatMap((file) => straysIn(file, readFileSync(join(root, file), 'utf8')))
}

/** Paths from `root`, with `/`. A part that is not there yet has none. */
export function listSources(root: string): string[] {
  return globSync(`{${parts.join(',')}}/**/*.ts`, { cwd: root, exclude: ['**/node_modules/**'] }).sort()
}

/** `file` is the path from the root; its first folder is its part. */
export function straysIn(file: string, text: string): string[] {
  const imports = importsOf(file, text).flatMap((imported) => strayImport(file, imported))
  return [...imports, ...text.split('\n').flatMap((line, index) => strayMentions(file, line, index + 1))]
}

function strayImport(file: string, { specifier, line, isExportStar }: Import): string[] {
  const at = `${file}:${line}`
  const part = partOf(file)
  if (isExportStar) return [`${at} has export * from '${specifier}': public names stand by hand`]
  if (part === 'contracts' && isImpure(specifier))
    return [`${at} imports '${specifier}': contracts is pure, without network, files or clock`]
  const target = targetOf(file, specifier)
  if (isAllowed(part, target) || isAllowedToo(file, target)) return []
  return [`${at} imports '${specifier}': ${part} may import ${listing(part)}its own files but index.ts`]
}

function listing(part: string): string {
  return (mayImport[part] ?? []).map((pattern) => `${pattern}, `).join('')
}

function partOf(file: string): string {
  return file.slice(0, file.indexOf('/'))
}

function isImpure(specifier: string): boolean {
  const [module = ''] = specifier.replace(/^node:/, '').split('/')
  return impureModules.includes(module)
}

/** A path from the root, a public name of ours as it stands, or nothing for a package of others. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(file), specifier)
  return specifier.startsWith('concordat/') ? specifier : undefined
}

function isAllowed(part: string, target: string | undefined): boolean {
  if (target === undefined) return true
  if (target.startsWith(`${part}/`)) return target !== `${part}/index.ts`
  return mayImport[part]?.some((pattern) => matchesGlob(target, pattern)) ?? false
}

function isAllowedToo(file: string, target = ''): boolean {
  return mayImportToo.some(({ files, modules }) => matchesGlob(file, files) && matchesGlob(target, modules))
}

function strayMentions(file: string, line: string, number: number): string[] {
  if (isComment(line)) return []
  return mayNotMention
    .filter(({ files, except }) => matchesGlob(file, files) && !except.some((pattern) => matchesGlob(file, pattern)))
    .flatMap(({ code, because }) =>
      [...line.matchAll(code)].map(([found]) => `${file}:${number} has '${found}': ${because}`),
    )
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line)
}
