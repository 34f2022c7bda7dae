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
  `
  -- Counts what comes to the tables below: positions are their order, and times are for people.
  ALTER TABLE contexts ADD COLUMN position INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE services (
    name TEXT COLLATE "C" PRIMARY KEY,
    position INTEGER NOT NULL,
    main_branch TEXT COLLATE "C"
  );

  CREATE TABLE service_versions (
    service TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    build_url TEXT COLLATE "C",
    created_at DOUBLE PRECISION NOT NULL,
    published_at DOUBLE PRECISION,
    PRIMARY KEY (service, version)
  );
  CREATE UNIQUE INDEX service_versions_by_position ON service_versions (service, position);

  CREATE TABLE version_branches (
    service TEXT COLLATE "C" NOT NULL,
    branch TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (service, version, branch)
  );
  CREATE UNIQUE INDEX version_branches_by_position ON version_branches (service, branch, position);

  -- A place is a stream, or an HTTP operation with its request and responses, which are its parts.
  CREATE TABLE contracts (
    service TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    verb TEXT COLLATE "C" NOT NULL,
    part TEXT COLLATE "C" NOT NULL,
    schema_id INTEGER NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    encoding TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C",
    headers TEXT COLLATE "C" NOT NULL,
    guarded INTEGER NOT NULL,
    external INTEGER NOT NULL,
    keeps_ms DOUBLE PRECISION,
    subject TEXT COLLATE "C",
    subject_version INTEGER,
    origin TEXT COLLATE "C",
    PRIMARY KEY (service, version, place, verb, part)
  );
  CREATE INDEX contracts_by_place ON contracts (place, service, version);
  CREATE INDEX contracts_by_schema ON contracts (schema_id);

  -- Who has ever taken part in a place, and the longest time that one of its versions said the stream keeps.
  CREATE TABLE meetings (
    place TEXT COLLATE "C" NOT NULL,
    verb TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    keeps_ms DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (place, verb, service)
  );
  CREATE INDEX meetings_by_service ON meetings (service, place);

  -- The names under "properties" in the schemas of contracts.
  CREATE TABLE schema_fields (
    name TEXT COLLATE "C" NOT NULL,
    schema_id INTEGER NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    required INTEGER NOT NULL,
    PRIMARY KEY (name, schema_id, at)
  );

  CREATE TABLE environments (
    name TEXT COLLATE "C" PRIMARY KEY,
    production INTEGER NOT NULL,
    policy TEXT COLLATE "C" NOT NULL
  );

  -- What runs has no end. A deployment without an instance has the empty one.
  CREATE TABLE deployments (
    id INTEGER PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    instance TEXT COLLATE "C" NOT NULL,
    started_at DOUBLE PRECISION NOT NULL,
    ended INTEGER,
    ended_at DOUBLE PRECISION
  );
  CREATE UNIQUE INDEX deployments_in_slot ON deployments (environment, service, instance)
    WHERE ended IS NULL AND kind = 'deployment';
  CREATE UNIQUE INDEX releases_supported ON deployments (environment, service, version)
    WHERE ended IS NULL AND kind = 'release';
  CREATE INDEX deployments_current ON deployments (environment, service) WHERE ended IS NULL;
  CREATE INDEX deployments_current_of ON deployments (service, version) WHERE ended IS NULL;
  CREATE INDEX deployments_ended ON deployments (environment, service, ended_at) WHERE ended IS NOT NULL;
  CREATE INDEX deployments_history ON deployments (environment, id);

  CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    environment TEXT COLLATE "C" NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    instance TEXT COLLATE "C" NOT NULL,
    given_by TEXT COLLATE "C",
    started_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    closed INTEGER,
    closed_at DOUBLE PRECISION,
    outcome TEXT COLLATE "C"
  );
  CREATE INDEX reservations_open ON reservations (environment, service) WHERE closed IS NULL;
  CREATE INDEX reservations_closed ON reservations (environment, service, closed_at) WHERE closed IS NOT NULL;

  CREATE TABLE overrides (
    id INTEGER PRIMARY KEY,
    service TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C",
    channel TEXT COLLATE "C",
    environment TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    given_by TEXT COLLATE "C" NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    ended INTEGER,
    ended_at DOUBLE PRECISION
  );
  CREATE INDEX overrides_by_scope ON overrides (environment, service);

  -- By fingerprints, policy, encoding and the engine's version. They can be had again, and are in no export.
  CREATE TABLE verdicts (
    key TEXT COLLATE "C" PRIMARY KEY,
    verdict TEXT COLLATE "C" NOT NULL
  );

  -- Stable, so that an index may be asked for what is later.
  CREATE FUNCTION concordat_now() RETURNS DOUBLE PRECISION LANGUAGE sql STABLE
    AS 'SELECT CAST(floor(extract(epoch FROM statement_timestamp()) * 1000) AS DOUBLE PRECISION)';

  -- The release before this one knows no contracts, and would take their schemas away with the last version of a subject.
  CREATE FUNCTION keep_schemas_of_contracts() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN IF EXISTS (SELECT 1 FROM contracts WHERE schema_id = OLD.id) THEN RETURN NULL; END IF; RETURN OLD; END';
  CREATE TRIGGER schemas_of_contracts_stay BEFORE DELETE ON schemas
    FOR EACH ROW EXECUTE FUNCTION keep_schemas_of_contracts();
  `,
  `
  CREATE TABLE credentials (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C",
    certificate TEXT COLLATE "C",
    given_by TEXT COLLATE "C" NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION,
    revoked_at DOUBLE PRECISION,
    used_at DOUBLE PRECISION
  );
  CREATE INDEX credentials_by_certificate ON credentials (certificate) WHERE certificate IS NOT NULL;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    credential TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    status INTEGER,
    address TEXT COLLATE "C",
    request_id TEXT COLLATE "C",
    details TEXT COLLATE "C",
    count INTEGER NOT NULL
  );
  CREATE INDEX audit_by_who ON audit (who, id);
  CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RAISE EXCEPTION ''audit rows are neither changed nor deleted''; END';
  CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();

  CREATE TABLE answers (
    identity TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    status INTEGER,
    headers TEXT COLLATE "C",
    body TEXT COLLATE "C",
    made_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (identity, key)
  );
  CREATE INDEX answers_by_age ON answers (made_at);
  `,
]

/**
 * For each form, the oldest one that a release must know to work on it. Those before the third ask nobody who they are, and
 * must not open what others have locked.
 */
const NEEDS: readonly number[] = [1, 1, 3]

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
