import type { DatabaseSync } from 'node:sqlite'
import { registryError } from '../errors.ts'

/** The forms of the database, each leading on from the one before it. A released one is never edited: add another. */
const MIGRATIONS: readonly string[] = [
  `
  -- Ids are counted per context. The registry has one context so far, named as the Schema Registry API names its default.
  CREATE TABLE contexts (
    name TEXT PRIMARY KEY,
    next_schema_id INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  INSERT INTO contexts (name) VALUES ('.');

  CREATE TABLE schemas (
    context TEXT NOT NULL REFERENCES contexts (name),
    id INTEGER NOT NULL,
    identity TEXT NOT NULL,
    guid TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    type TEXT NOT NULL,
    text TEXT NOT NULL,
    refs TEXT NOT NULL,
    metadata TEXT,
    rule_set TEXT,
    PRIMARY KEY (context, id),
    UNIQUE (context, identity)
  ) STRICT;
  CREATE INDEX schemas_by_guid ON schemas (guid);
  CREATE INDEX schemas_by_fingerprint ON schemas (fingerprint);

  -- A version that is deleted softly stays, so that its number is not given again.
  CREATE TABLE versions (
    context TEXT NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    schema_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (context, subject, version),
    FOREIGN KEY (context, schema_id) REFERENCES schemas (context, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_schema ON versions (context, schema_id);
  `,
]

/** Brings a database to the newest form. Needs an open write transaction, so that of two that start at once one waits. */
export function migrate(database: DatabaseSync, file: string): void {
  const found = formOf(database)
  const known = MIGRATIONS.length
  if (found > known) throw registryError('store.newer', { file, found, known })
  for (const migration of MIGRATIONS.slice(found)) database.exec(migration)
  database.exec(`PRAGMA user_version = ${known}`)
}

function formOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}
