import { Client } from 'pg'
import { openPostgresStore } from '../../registry/store/postgres/open.ts'
import { createDatabase, type Database } from './postgres.ts'

/** A fresh database that has the registry's tables already: making them takes as long as most tests do. */
export async function createRegistryDatabase(serverUrl: string): Promise<Database> {
  await (making.get(serverUrl) ?? remember(serverUrl))
  return createDatabase(serverUrl, TEMPLATE)
}

const TEMPLATE = 'registry_template'
const making = new Map<string, Promise<void>>()

function remember(serverUrl: string): Promise<void> {
  const made = makeTemplate(serverUrl)
  making.set(serverUrl, made)
  return made
}

/** Of several processes that need it at once, the first makes it. */
async function makeTemplate(serverUrl: string): Promise<void> {
  const client = new Client(serverUrl)
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(1)')
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE])
    if (rowCount === 1) return
    await client.query(`create database ${TEMPLATE}`)
    const url = new URL(serverUrl)
    url.pathname = `/${TEMPLATE}`
    const store = await openPostgresStore({ url: url.href })
    await store.close()
  } finally {
    await client.end()
  }
}
