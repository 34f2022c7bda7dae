import { existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import type { Command } from 'commander'
import { registryError } from '../registry/errors.ts'
import { readSettings } from '../registry/settings.ts'
import { exampleOf } from './options.ts'
import { showEnd, showProgress, tellCounts } from './progress.ts'
import { databaseFile, openStore, refuseBoth, type StoreSettings } from './store.ts'

type ExportOptions = { readonly data: string; readonly out?: string; readonly json?: true }
type Write = (lines: string) => Promise<void>

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write all that the registry keeps as lines of JSON, for a backup or another database')
    .option('--data <dir>', 'the folder that keeps the data, unless DATABASE_URL or its parts are set', '.concordat')
    .option('--out <file>', 'the file to write, replaced where it is there (else stdout)')
    .option('--json', 'print the counts as one line of JSON; with --out')
    .addHelpText('after', exampleOf('concordat export --out backup.ndjson'))
    .action(exportStore)
}

async function exportStore({ data, out, json }: ExportOptions, command: Command): Promise<void> {
  if (json && out === undefined)
    command.error('error: --json tells the counts on stdout, where the export stands: say --out')
  const settings: StoreSettings = readSettings()
  refuseBoth(settings, command)
  // A store that is opened is made where it is missing; an export makes nothing.
  const file = databaseFile(settings, data)
  if (file !== undefined && !existsSync(file)) throw registryError('export.no-database', { file })
  const { exportRecords } = await import('../registry/transfer/export.ts')
  await using store = await openStore(settings, data)
  const transfer = async (write: Write): Promise<void> => {
    const counts = await exportRecords(store, write, showProgress('Exporting'))
    if (json) console.log(JSON.stringify(counts))
    else showEnd(`Exported ${tellCounts(counts)}.`)
  }
  if (out === undefined) await toStdout(transfer)
  else await toFile(out, transfer)
}

type Transfer = (write: Write) => Promise<void>

/** Ends when nothing can be written any more; why is told by what watches the output. */
async function toStdout(transfer: Transfer): Promise<void> {
  let isLost = false
  const write: Write = (lines) =>
    new Promise((resolve, reject) => {
      process.stdout.write(lines, (error) => {
        isLost = Boolean(error)
        if (error) reject(error)
        else resolve()
      })
    })
  await transfer(write).catch((error: unknown) => {
    if (!isLost) throw error
  })
}

/** The file takes its name once it is whole and on the disk, so that a backup is never replaced by half of one. */
async function toFile(file: string, transfer: Transfer): Promise<void> {
  const part = `${file}.${process.pid}.part`
  try {
    await using handle: FileHandle = await open(part, 'w').catch((error: unknown) => {
      throw notWritable(file, error)
    })
    const write: Write = async (lines) => {
      await handle.writeFile(lines).catch((error: unknown) => {
        throw notWritable(file, error)
      })
    }
    await transfer(write)
    await handle.sync()
    await rename(part, file).catch((error: unknown) => {
      throw notWritable(file, error)
    })
  } finally {
    await rm(part, { force: true })
  }
}

function notWritable(file: string, error: unknown): Error {
  return registryError('export.not-writable', { file, reason: codeOf(error) ?? String(error) }, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
