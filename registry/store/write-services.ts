import { fieldsIn } from './field-index.ts'
import { askAbout, insertAll } from './lists.ts'
import { readServices } from './read-services.ts'
import type { BranchEntry, ContractTerms, ServiceWrites, StoredContract } from './services.ts'
import { numberIn, type Sql, type SqlValue, textIn } from './sql.ts'

export function writeServices(sql: Sql): ServiceWrites {
  const reads = readServices(sql)
  return {
    ...reads,
    putService: async (name, mainBranch) => {
      const known = await reads.service(name)
      if (known === undefined)
        await sql(
          `INSERT INTO services (${SERVICE}) VALUES (?1, ?2, ?3)`,
          name,
          await nextPosition(sql),
          mainBranch ?? null,
        )
      else if (mainBranch !== undefined)
        await sql('UPDATE services SET main_branch = ?2 WHERE name = ?1', name, mainBranch)
      return existing(await reads.service(name))
    },
    putVersion: async (name, buildUrl) => {
      const { service, version } = name
      if ((await reads.version(name)) === undefined)
        await sql(
          `INSERT INTO service_versions (${VERSION}) VALUES (?1, ?2, ?3, NULL, concordat_now(), NULL)`,
          service,
          version,
          await nextPosition(sql),
        )
      if (buildUrl !== undefined)
        await sql(
          'UPDATE service_versions SET build_url = ?3 WHERE service = ?1 AND version = ?2',
          service,
          version,
          buildUrl,
        )
      return existing(await reads.version(name))
    },
    putBranch: async ({ service, version }, branch) => {
      const on = await reads.branches(service, [version])
      if (on.some((entry) => entry.branch === branch)) return
      await insertBranch(sql, { service, version, branch, position: await nextPosition(sql) })
    },
    remove: async (name) => {
      for (const table of OF_SERVICES) await sql(`DELETE FROM ${table} WHERE service = ?1`, name)
      await sql('DELETE FROM services WHERE name = ?1', name)
    },
    publish: async (name, contracts) => {
      const { service, version } = name
      await insertContracts(
        sql,
        contracts.map((terms) => ({ ...terms, service, version })),
      )
      const text = 'UPDATE service_versions SET published_at = concordat_now() WHERE service = ?1 AND version = ?2'
      await sql(text, service, version)
    },
  }
}

const OF_SERVICES = [
  'contracts',
  'meetings',
  'version_branches',
  'service_versions',
  'deployments',
  'reservations',
  'overrides',
]
const SERVICE = 'name, position, main_branch'
const VERSION = 'service, version, position, build_url, created_at, published_at'
const CONTRACT = `service, version, place, verb, part, schema_id, fingerprint, encoding, field, headers, guarded, external,
  keeps_ms, subject, subject_version, origin`

/** All that comes to the tables of services and environments is counted here, in the order in which it comes. */
export async function nextPosition(sql: Sql): Promise<number> {
  const [row] = await sql("UPDATE contexts SET position = position + 1 WHERE name = '.' RETURNING position")
  return numberIn(row, 'position')
}

export async function insertBranch(sql: Sql, { service, branch, version, position }: BranchEntry): Promise<void> {
  const text = 'INSERT INTO version_branches (service, branch, version, position) VALUES (?1, ?2, ?3, ?4)'
  await sql(text, service, branch, version, position)
}

/** Puts contracts in, with what is found by them: who takes part where, and the names of fields. */
export async function insertContracts(sql: Sql, contracts: readonly StoredContract[]): Promise<void> {
  await indexFields(sql, contracts)
  await insertAll(sql, `contracts (${CONTRACT})`, contracts.map(columnsOf))
  const meetings = new Map<string, readonly SqlValue[]>()
  for (const contract of contracts) {
    const { place, verb, service, keepsMs = 0 } = contract
    const key = JSON.stringify([place, verb, service])
    const longest = Math.max(keepsMs, Number(meetings.get(key)?.[3] ?? 0))
    meetings.set(key, [place, verb, service, longest])
  }
  const widened = `ON CONFLICT (place, verb, service) DO UPDATE SET keeps_ms = excluded.keeps_ms
    WHERE excluded.keeps_ms > meetings.keeps_ms`
  await insertAll(sql, 'meetings (place, verb, service, keeps_ms)', [...meetings.values()], widened)
}

/** The fields of schemas that have not been any contract's so far. */
async function indexFields(sql: Sql, contracts: readonly Pick<ContractTerms, 'schemaId'>[]): Promise<void> {
  const ids = contracts.map(({ schemaId }) => schemaId)
  const rows = (
    await askAbout(sql, ids, {
      textOf: (list) => `SELECT s.id, s.text FROM schemas s WHERE s.context = '.' AND s.id IN ${list}
    AND NOT EXISTS (SELECT 1 FROM contracts c WHERE c.schema_id = s.id)`,
    })
  ).flatMap((row) => {
    const id = numberIn(row, 'id')
    return fieldsIn(textIn(row, 'text')).map(({ name, at, required }) => [name, id, at, required ? 1 : 0])
  })
  await insertAll(sql, 'schema_fields (name, schema_id, at, required)', rows, 'ON CONFLICT DO NOTHING')
}

function columnsOf(contract: StoredContract): SqlValue[] {
  return [
    contract.service,
    contract.version,
    contract.place,
    contract.verb,
    contract.part,
    contract.schemaId,
    contract.fingerprint,
    contract.encoding,
    contract.field ?? null,
    contract.headers,
    contract.guarded ? 1 : 0,
    contract.external ? 1 : 0,
    contract.keepsMs ?? null,
    contract.subject ?? null,
    contract.subjectVersion ?? null,
    contract.origin ?? null,
  ]
}

export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('What has just been written is not there')
  return value
}
