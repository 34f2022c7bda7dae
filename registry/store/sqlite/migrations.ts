import type { DatabaseSync } from 'node:sqlite'
import { registryError } from '../../errors.ts'

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
  `
  ALTER TABLE contexts ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE contexts ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;
  UPDATE contexts SET revision = 1;

  -- What is known of a subject beside its versions. The empty name stands for the global settings.
  CREATE TABLE subjects (
    context TEXT NOT NULL REFERENCES contexts (name),
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    config TEXT,
    mode TEXT,
    PRIMARY KEY (context, name)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO subjects (context, name, revision, last_version)
    SELECT context, subject, 1, max(version) FROM versions GROUP BY context, subject;

  CREATE TABLE schema_refs (
    context TEXT NOT NULL,
    schema_id INTEGER NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (context, subject, version, schema_id),
    FOREIGN KEY (context, schema_id) REFERENCES schemas (context, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX schema_refs_by_schema ON schema_refs (context, schema_id);
  INSERT INTO schema_refs (context, schema_id, subject, version)
    SELECT DISTINCT s.context, s.id, r.value ->> 'subject', r.value ->> 'version' FROM schemas s, json_each(s.refs) r;

  -- The oldest form that a release must know to work on this file.
  CREATE TABLE forms (needs INTEGER NOT NULL) STRICT;
  INSERT INTO forms (needs) VALUES (2);
  `,
]

/**
 * Brings a database to the newest form. Needs an open write transaction, so that of two that start at once one waits. A
 * newer form is fine where its `needs` says that this release may go on with it, as the release before an update does.
 */
export function migrate(database: DatabaseSync, file: string): void {
  const found = formOf(database)
  const known = MIGRATIONS.length
  if (found > known) return refuseUnlessAllowed(database, file, { found, known })
  for (const migration of MIGRATIONS.slice(found)) database.exec(migration)
  database.exec(`PRAGMA user_version = ${known}`)
}

function formOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}

function refuseUnlessAllowed(database: DatabaseSync, file: string, forms: { found: number; known: number }): void {
  const [table] = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'forms'").all()
  const needs = table && database.prepare('SELECT needs FROM forms').get()?.needs
  if (typeof needs !== 'number' || needs > forms.known) throw registryError('store.newer', { file, ...forms })
}
