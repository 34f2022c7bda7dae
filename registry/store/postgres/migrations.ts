import { registryError } from '../../errors.ts'
import { numberIn } from '../sql.ts'
import type { Session } from './session.ts'

/** The forms of the database, each leading on from the one before it. A released one is never edited: add another. */
const MIGRATIONS: readonly string[] = [
  `
  -- Names are compared by their bytes, as in SQLite. There are no foreign keys: what checks them keeps, for as long as its
  -- connection lives, a plan that was made for empty tables, and reads the whole table for every row.
  CREATE TABLE contexts (
    name TEXT COLLATE "C" PRIMARY KEY,
    next_schema_id INTEGER NOT NULL DEFAULT 1,
    revision INTEGER NOT NULL DEFAULT 1,
    removals INTEGER NOT NULL DEFAULT 0
  );
  INSERT INTO contexts (name) VALUES ('.');

  -- What belongs to a schema is text, not jsonb: that would reorder it and refuse some of it.
  CREATE TABLE schemas (
    context TEXT COLLATE "C" NOT NULL,
    id INTEGER NOT NULL,
    identity TEXT COLLATE "C" NOT NULL,
    guid TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    type TEXT NOT NULL,
    text TEXT NOT NULL,
    refs TEXT NOT NULL,
    metadata TEXT,
    rule_set TEXT,
    PRIMARY KEY (context, id),
    UNIQUE (context, identity)
  );
  CREATE INDEX schemas_by_guid ON schemas (guid);

  -- A version that is deleted softly stays, so that its number is not given again.
  CREATE TABLE versions (
    context TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    schema_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (context, subject, version)
  );
  CREATE INDEX versions_by_schema ON versions (context, schema_id);

  -- What is known of a subject beside its versions. The empty name stands for the global settings.
  CREATE TABLE subjects (
    context TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    revision INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    config TEXT,
    mode TEXT,
    PRIMARY KEY (context, name)
  );

  CREATE TABLE schema_refs (
    context TEXT COLLATE "C" NOT NULL,
    schema_id INTEGER NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (context, subject, version, schema_id)
  );
  CREATE INDEX schema_refs_by_schema ON schema_refs (context, schema_id);
  `,
]

/** For each form, the oldest one that a release must know to work on it. */
const NEEDS: readonly number[] = [1]

const KNOWN = MIGRATIONS.length

// Of several that start at once, all but one wait here. The number is the first bytes of "concordat".
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(1668247139)'

/**
 * Brings a database to the newest form. A newer form is fine where its `needs` says that this release may go on with it, as
 * the release before an update does. On a database of this form it only reads, so that a user without more rights will do.
 */
export async function migrate(session: Session, database: string): Promise<void> {
  const [table] = await session.sql("SELECT 1 AS present WHERE to_regclass('concordat_forms') IS NOT NULL")
  if (table !== undefined && (await readForm(session, database)) >= KNOWN) return
  try {
    await session.run(BEGIN)
    await advance(session, database)
    await session.run('COMMIT')
  } catch (error) {
    await session.rollBack()
    throw error
  }
}

async function advance(session: Session, database: string): Promise<void> {
  // First of all, and not only where the table seems to be missing: that is remembered from before the waiting.
  await session.run('CREATE TABLE IF NOT EXISTS concordat_forms (form INTEGER PRIMARY KEY, needs INTEGER NOT NULL)')
  for (let form = (await readForm(session, database)) + 1; form <= KNOWN; form += 1) {
    await session.run(MIGRATIONS[form - 1] ?? '')
    await session.sql('INSERT INTO concordat_forms (form, needs) VALUES (?1, ?2)', form, NEEDS[form - 1] ?? form)
  }
}

/** The newest form that the database has; 0 for one that is empty. */
async function readForm(session: Session, database: string): Promise<number> {
  const [newest] = await session.sql('SELECT form, needs FROM concordat_forms ORDER BY form DESC LIMIT 1')
  if (newest === undefined) return 0
  const found = numberIn(newest, 'form')
  if (numberIn(newest, 'needs') > KNOWN) throw registryError('store.newer', { file: database, found, known: KNOWN })
  return found
}
