import { beside, isSqlite, quoteTable, type SqlClient, type SqliteDatabase } from '../../streams/index.ts'

/** The names of the outbox's tables, as they stand in statements. */
export type Tables = {
  /** As the user says it. */
  readonly table: string
  readonly rows: string
  /** How far each lane has come, and who works on it. */
  readonly lanes: string
  /** The form of these tables, and the name under which Redis knows this outbox. */
  readonly about: string
}

export const DEFAULT_TABLE = 'concordat_outbox'

/** The form that this release makes and knows. */
export const FORM = 1

export function tablesOf(table: string = DEFAULT_TABLE): Tables {
  const rows = quoteTable(table)
  return { table, rows, lanes: beside(rows, 'lanes'), about: beside(rows, 'about') }
}

/**
 * The statements that make the outbox in PostgreSQL, for a migration. As one text they are one step, and harmless where
 * the tables are there. Rows leave by deletion, soon after they came, so that the vacuum must come often.
 */
export function outboxTables(table?: string): string {
  const { rows, lanes, about } = tablesOf(table)
  return `select pg_advisory_xact_lock(1668247139, 1);
create table if not exists ${rows} (
  channel text collate "C" not null,
  lane smallint not null,
  id bigint generated always as identity,
  entry text not null,
  added_at timestamptz not null default clock_timestamp(),
  primary key (channel, lane, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
create table if not exists ${lanes} (
  channel text collate "C" not null,
  lane smallint not null,
  batch bigint not null default 0,
  nonce text not null default '',
  ids bigint[] not null default '{}',
  holder text,
  held_until timestamptz not null default '-infinity',
  primary key (channel, lane)
) with (fillfactor = 20);
create table if not exists ${about} (form integer not null, name text not null);
insert into ${about} (form, name) select ${FORM}, gen_random_uuid()::text where not exists (select 1 from ${about})`
}

/** The same for SQLite. */
export function outboxTablesInSqlite(table?: string): string {
  const { rows, lanes, about } = tablesOf(table)
  return `create table if not exists ${rows} (
  id integer primary key autoincrement,
  channel text not null,
  lane integer not null,
  entry text not null,
  added_at real not null default (unixepoch('subsec'))
) strict;
create index if not exists ${beside(rows, 'by_lane')} on ${rows} (channel, lane, id);
create table if not exists ${lanes} (
  channel text not null,
  lane integer not null,
  batch integer not null default 0,
  nonce text not null default '',
  ids text not null default '[]',
  holder text,
  held_until real not null default 0,
  primary key (channel, lane)
) strict, without rowid;
create table if not exists ${about} (form integer not null, name text not null) strict;
insert into ${about} (form, name) select ${FORM}, lower(hex(randomblob(16))) where not exists (select 1 from ${about})`
}

/** Makes the outbox's tables where they are missing. Many may do it at the same time, and again. */
export async function prepareOutbox(
  client: SqlClient | SqliteDatabase,
  { table }: { readonly table?: string } = {},
): Promise<void> {
  if (isSqlite(client)) client.exec(outboxTablesInSqlite(table))
  else await client.query(outboxTables(table))
}
