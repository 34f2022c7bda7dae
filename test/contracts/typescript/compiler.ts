import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../../contracts/json.ts'
import { outcomeOf } from '../../support/outcome.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'

const TSC = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc')
const OPTIONS = {
  strict: true,
  noEmit: true,
  target: 'es2023',
  lib: ['es2023'],
  types: [],
  exactOptionalPropertyTypes: true,
}

/** Some types as text, and messages that must have the first of them. */
export type Claim = { readonly name: string; readonly text: string; readonly messages: readonly Json[] }

/** What the TypeScript compiler says against each claim, all of them asked in one run; nothing where all hold. */
export async function complaintsOf(claims: readonly Claim[]): Promise<string[]> {
  await using folder = await disposableFolder()
  const files = claims.map(({ text, name, messages }, i) =>
    writeFile(join(folder.path, `claim-${i}.ts`), moduleOf(text, name, messages)),
  )
  const project = writeFile(
    join(folder.path, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: OPTIONS, include: ['*.ts'] }),
  )
  await Promise.all([project, ...files])
  const { code, stdout, stderr } = await outcomeOf(process.execPath, [TSC, '-p', folder.path], {
    timeoutMs: 60_000,
    cwd: folder.path,
  })
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  return code === 0 || lines.length > 0 ? lines : [`tsc ended with ${code}`]
}

/** A message is a type of its own here, so that no excess members are looked for, as in a value that comes from outside. */
function moduleOf(text: string, name: string, messages: readonly Json[]): string {
  const checks = messages.map((message, i) => `export type Check${i}_ = Fits_<${literal(message)}, ${name}>`)
  return [text, 'type Fits_<M extends T, T> = M', ...checks].join('\n')
}

function literal(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => literal(item)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${literal(member)}`)
  return `{ ${members.join('; ')} }`
}
