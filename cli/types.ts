import { type Command, InvalidArgumentError } from 'commander'
import { addRegistryOptions } from './options.ts'
import { wrongUsage } from './refused.ts'
import { addSourceOptions, readSource, type SourceOptions } from './schema-source.ts'

type TypesOptions = SourceOptions & { readonly name?: string; readonly out?: string }

export function addTypes(program: Command): void {
  const command = program
    .command('types')
    .summary('write the TypeScript types of a schema')
    .description(
      'Writes the TypeScript types of a subject or of a file. Every message that the schema accepts has the type; what TypeScript cannot say stands in comments.',
    )
  addSourceOptions(command)
    .option('--name <name>', "what the type is called (else by the subject's or the file's name)", readNameOption)
    .option('--out <file>', 'the file to write, replaced where it is there (else stdout)')
  addRegistryOptions(command, 'concordat types --subject votes --name Vote --out votes.ts').action(writeTypes)
}

async function writeTypes({ name, out, json, ...options }: TypesOptions, command: Command): Promise<void> {
  const source = await readSource(options, command)
  const { typescriptOf } = await import('../contracts/typescript/typescript.ts')
  const types = typescriptOf(source.schema.root, { name: name ?? wishFor(source.name) })
  if (types.findings) {
    const { explain } = await import('../contracts/explain.ts')
    throw wrongUsage('schema.unreadable', types.findings.map((one) => `${source.name}: ${explain(one)}.`).join('\n'))
  }
  const { name: given, text } = types
  const module = `// The types of ${JSON.stringify(source.name).replaceAll(/[^\x20-\x7E]/g, '?')}, written by "concordat types"; a change here is lost.\n\n${text}`
  if (out !== undefined) await write(out, module)
  if (json)
    console.log(
      JSON.stringify({ source: source.name, name: given, ...(out === undefined ? { text: module } : { file: out }) }),
    )
  else if (out === undefined) process.stdout.write(module)
  else console.error(`Wrote ${given} to ${out}.`)
}

async function write(file: string, text: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  await writeFile(file, text).catch((error: Error) => {
    throw wrongUsage('file.not-writable', `${file} cannot be written (${error.message}): name another with --out.`, {
      cause: error,
    })
  })
}

/** By the last step of a path, without its ending, or by the subject without its version. */
function wishFor(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  return last.replace(/@\d+$/, '').replace(/(?:\.schema)?\.json$/, '') || 'Message'
}

function readNameOption(value: string): string {
  if (/^[A-Z][A-Za-z0-9]{0,59}$/.test(value)) return value
  throw new InvalidArgumentError(
    'It must be the name of a type, such as Vote: a capital letter, then letters and digits, 60 at most.',
  )
}
