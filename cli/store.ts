import { join } from 'node:path'
import type { Command } from 'commander'
import type { Store } from '../registry/store/store.ts'

/** Where the registry keeps its data, beside the folder of `--data`. */
export type StoreSettings = { readonly database?: { readonly url: string; readonly poolSize: number } }

/** Opens the database that the settings name, or else SQLite in the folder. Each driver is loaded when it is needed. */
export async function openStore({ database }: StoreSettings, data: string): Promise<Store> {
  if (database) {
    const { openPostgresStore } = await import('../registry/store/postgres/open.ts')
    return openPostgresStore(database)
  }
  const { openSqliteStore } = await import('../registry/store/sqlite/open.ts')
  return openSqliteStore(data)
}

/** The file that SQLite keeps in the folder, or undefined where the data lies elsewhere. */
export function databaseFile({ database }: StoreSettings, data: string): string | undefined {
  return database ? undefined : join(data, 'concordat.db')
}

/** Refuses a folder that was asked for beside a database that is set: one of the two would be ignored. */
export function refuseBoth({ database }: StoreSettings, command: Command): void {
  if (database && command.getOptionValueSource('data') === 'cli')
    command.error('error: --data names a folder, and the environment a database (DATABASE_HOST or DATABASE_URL)')
}
