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
  `
  -- Counts what comes to the tables below: positions are their order, and times are for people.
  ALTER TABLE contexts ADD COLUMN position INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE services (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    main_branch TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE service_versions (
    service TEXT NOT NULL,
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    build_url TEXT,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    PRIMARY KEY (service, version)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX service_versions_by_position ON service_versions (service, position);

  CREATE TABLE version_branches (
    service TEXT NOT NULL,
    branch TEXT NOT NULL,
    version TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (service, version, branch)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX version_branches_by_position ON version_branches (service, branch, position);

  -- A place is a stream, or an HTTP operation with its request and responses, which are its parts.
  CREATE TABLE contracts (
    service TEXT NOT NULL,
    version TEXT NOT NULL,
    place TEXT NOT NULL,
    verb TEXT NOT NULL,
    part TEXT NOT NULL,
    schema_id INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    encoding TEXT NOT NULL,
    field TEXT,
    headers TEXT NOT NULL,
    guarded INTEGER NOT NULL,
    external INTEGER NOT NULL,
    keeps_ms INTEGER,
    subject TEXT,
    subject_version INTEGER,
    origin TEXT,
    PRIMARY KEY (service, version, place, verb, part)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX contracts_by_place ON contracts (place, service, version);
  CREATE INDEX contracts_by_schema ON contracts (schema_id);

  -- Who has ever taken part in a place, and the longest time that one of its versions said the stream keeps.
  CREATE TABLE meetings (
    place TEXT NOT NULL,
    verb TEXT NOT NULL,
    service TEXT NOT NULL,
    keeps_ms INTEGER NOT NULL,
    PRIMARY KEY (place, verb, service)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX meetings_by_service ON meetings (service, place);

  -- The names under "properties" in the schemas of contracts.
  CREATE TABLE schema_fields (
    name TEXT NOT NULL,
    schema_id INTEGER NOT NULL,
    at TEXT NOT NULL,
    required INTEGER NOT NULL,
    PRIMARY KEY (name, schema_id, at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE environments (
    name TEXT PRIMARY KEY,
    production INTEGER NOT NULL,
    policy TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- What runs has no end. A deployment without an instance has the empty one.
  CREATE TABLE deployments (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    environment TEXT NOT NULL,
    service TEXT NOT NULL,
    version TEXT NOT NULL,
    instance TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended INTEGER,
    ended_at INTEGER
  ) STRICT;
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
    environment TEXT NOT NULL,
    service TEXT NOT NULL,
    version TEXT NOT NULL,
    instance TEXT NOT NULL,
    given_by TEXT,
    started_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    closed INTEGER,
    closed_at INTEGER,
    outcome TEXT
  ) STRICT;
  CREATE INDEX reservations_open ON reservations (environment, service) WHERE closed IS NULL;
  CREATE INDEX reservations_closed ON reservations (environment, service, closed_at) WHERE closed IS NOT NULL;

  CREATE TABLE overrides (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    version TEXT,
    channel TEXT,
    environment TEXT NOT NULL,
    reason TEXT NOT NULL,
    given_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended INTEGER,
    ended_at INTEGER
  ) STRICT;
  CREATE INDEX overrides_by_scope ON overrides (environment, service);

  -- By fingerprints, policy, encoding and the engine's version. They can be had again, and are in no export.
  CREATE TABLE verdicts (
    key TEXT PRIMARY KEY,
    verdict TEXT NOT NULL
  ) STRICT;

  -- The release before this one knows no contracts, and would take their schemas away with the last version of a subject.
  CREATE TRIGGER schemas_of_contracts_stay BEFORE DELETE ON schemas
    WHEN EXISTS (SELECT 1 FROM contracts WHERE schema_id = OLD.id)
    BEGIN SELECT RAISE(IGNORE); END;
  `,
  `
  CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash TEXT,
    certificate TEXT,
    given_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    used_at INTEGER
  ) STRICT;
  CREATE INDEX credentials_by_certificate ON credentials (certificate) WHERE certificate IS NOT NULL;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    credential TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    address TEXT,
    request_id TEXT,
    details TEXT,
    count INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_who ON audit (who, id);
  CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are not changed'); END;
  CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are not deleted'); END;

  CREATE TABLE answers (
    identity TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body TEXT,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (identity, key)
  ) STRICT;
  CREATE INDEX answers_by_age ON answers (made_at);

  -- The releases before this one ask nobody who they are, and must not open what others have locked.
  UPDATE forms SET needs = 4;
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
