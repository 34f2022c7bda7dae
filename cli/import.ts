import { accessSync, constants, createReadStream, statSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { readSettings } from '../registry/settings.ts'
import { exampleOf } from './options.ts'
import { showEnd, showProgress, tellCounts } from './progress.ts'
import { openStore, refuseBoth } from './store.ts'

type ImportOptions = { readonly data: string; readonly json?: true }

export function addImport(program: Command): void {
  program
    .command('import')
    .description('put what `concordat export` wrote into an empty folder or database')
    .argument('<file>', 'the export; it is read twice, so it cannot be a pipe', checkFile)
    .option('--data <dir>', 'the folder to keep the data, unless DATABASE_URL or its parts are set', '.concordat')
    .option('--json', 'print the counts as one line of JSON')
    .addHelpText('after', exampleOf('concordat import backup.ndjson --data restored'))
    .action(importStore)
}

async function importStore(file: string, { data, json }: ImportOptions, command: Command): Promise<void> {
  const settings = readSettings()
  refuseBoth(settings, command)
  const [{ importRecords }, { linesIn }] = await Promise.all([
    import('../registry/transfer/import.ts'),
    import('../registry/transfer/lines.ts'),
  ])
  await using store = await openStore(settings, data)
  const counts = await importRecords(store, () => linesIn(createReadStream(file)), showProgress('Importing'))
  if (json) console.log(JSON.stringify(counts))
  else showEnd(`Imported ${tellCounts(counts)}.`)
}

function checkFile(file: string): string {
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read: ${(error as Error).message}.`)
  }
  if (!statSync(file).isFile()) throw new InvalidArgumentError('It is no file.')
  return file
}
