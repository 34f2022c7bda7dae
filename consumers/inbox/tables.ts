import { beside, isSqlite, quoteTable, type SqlClient, type SqliteDatabase } from '../../streams/index.ts'

/** The names of the inbox's tables, as they stand in statements. */
export type Tables = {
  /** As the user says it. */
  readonly table: string
  readonly rows: string
  readonly about: string
}

export const DEFAULT_TABLE = 'concordat_inbox'

/** The form that this release makes and knows. */
export const FORM = 1

export function tablesOf(table: string = DEFAULT_TABLE): Tables {
  const rows = quoteTable(table)
  return { table, rows, about: beside(rows, 'about') }
}

/**
 * The statements that make the inbox in PostgreSQL, for a migration. As one text they are one step, and harmless where
 * the tables are there. A row has the ids of 64 milliseconds, for one for each message would cost as much as what the
 * messages do; rows come in the order of time, so that an index of a few pages finds the old ones.
 */
export function inboxTables(table?: string): string {
  const { rows, about } = tablesOf(table)
  return `select pg_advisory_xact_lock(1668247139, 2);
create table if not exists ${rows} (
  place uuid not null,
  bucket bigint not null,
  ids int8multirange not null,
  handled_at timestamptz not null default now(),
  primary key (place, bucket)
) with (fillfactor = 80);
create index if not exists ${nameOf(rows, 'by_age')} on ${rows} using brin (handled_at) with (autosummarize = on);
create table if not exists ${about} (form integer not null);
insert into ${about} (form) select ${FORM} where not exists (select 1 from ${about})`
}

/** The same for SQLite. */
export function inboxTablesInSqlite(table?: string): string {
  const { rows, about } = tablesOf(table)
  return `create table if not exists ${rows} (
  place text not null,
  ms integer not null,
  seq integer not null,
  handled_at real not null default (unixepoch('subsec')),
  primary key (place, ms, seq)
) strict, without rowid;
create index if not exists ${beside(rows, 'by_age')} on ${rows} (handled_at);
create table if not exists ${about} (form integer not null) strict;
insert into ${about} (form) select ${FORM} where not exists (select 1 from ${about})`
}

/** In PostgreSQL an index stands in its table's schema, and its name does not say so. */
function nameOf(rows: string, suffix: string): string {
  return beside(rows.slice(rows.lastIndexOf('.') + 1), suffix)
}

/** Makes the inbox's tables where they are missing. Many may do it at the same time, and again. */
export async function prepareInbox(
  client: SqlClient | SqliteDatabase,
  { table }: { readonly table?: string } = {},
): Promise<void> {
  if (isSqlite(client)) client.exec(inboxTablesInSqlite(table))
  else await client.query(inboxTables(table))
}
