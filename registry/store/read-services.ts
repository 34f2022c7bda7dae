import type { Headers } from '../../contracts/index.ts'
import { askAbout } from './lists.ts'
import type { BranchEntry, ServiceEntry, ServiceReads, ServiceVersion, StoredContract, Verb } from './services.ts'
import { filled, isTrueIn, numberIn, optionalNumberIn, optionalTextIn, type Row, type Sql, textIn } from './sql.ts'

export function readServices(sql: Sql): ServiceReads {
  return {
    service: async (name) => {
      const [row] = await sql(`SELECT ${SERVICE} FROM services s WHERE s.name = ?1`, name)
      return row && serviceIn(row)
    },
    list: async ({ after = '', limit }) => {
      const text = `SELECT ${SERVICE} FROM services s WHERE s.name > ?1 ORDER BY s.name LIMIT ?2`
      return (await sql(text, after, limit)).map(serviceIn)
    },
    version: async ({ service, version }) => {
      const [row] = await sql(`${VERSIONS} WHERE v.service = ?1 AND v.version = ?2`, service, version)
      return row && versionIn(row)
    },
    latest: async (service, branch) => {
      const [row] =
        branch === undefined
          ? await sql(`${VERSIONS} WHERE v.service = ?1 ORDER BY v.position DESC LIMIT 1`, service)
          : await sql(HEAD_OF_BRANCH, service, branch)
      return row && versionIn(row)
    },
    latestOf: async (services) => {
      return (
        await askAbout(sql, services, {
          textOf: (list) => `${VERSIONS} WHERE v.service IN ${list}
        AND v.position = (SELECT max(o.position) FROM service_versions o WHERE o.service = v.service)`,
        })
      ).map(versionIn)
    },
    head: async (service, branch) => {
      const [row] = await sql(
        `${VERSIONS} WHERE v.service = ?1 AND v.version = (${headOf('?1', '?2')})`,
        service,
        branch,
      )
      return row && versionIn(row)
    },
    latestPublished: async (services) => {
      return (
        await askAbout(sql, services, {
          textOf: (list) => `${VERSIONS} WHERE v.service IN ${list} AND v.position = (
          SELECT o.position FROM service_versions o WHERE o.service = v.service AND o.published_at IS NOT NULL
          ORDER BY o.position DESC LIMIT 1)`,
        })
      ).map(versionIn)
    },
    versions: async (service, { after = 2 ** 31 - 1, limit }) => {
      const text = `${VERSIONS} WHERE v.service = ?1 AND v.position < ?2 ORDER BY v.position DESC LIMIT ?3`
      return (await sql(text, service, after, limit)).map(versionIn)
    },
    branches: async (service, versions) => {
      const rows = await askAbout(sql, versions, {
        before: [service],
        textOf: (list) => `${BRANCHES} WHERE b.service = ?1 AND b.version IN ${list}`,
      })
      return rows.map(branchIn).sort((a, b) => a.position - b.position)
    },
    contracts: async ({ service, version }) => {
      const text = `SELECT ${CONTRACT} FROM contracts c WHERE c.service = ?1 AND c.version = ?2 ORDER BY c.place, c.verb, c.part`
      return (await sql(text, service, version)).map(contractIn)
    },
    allVersions: async ({ after, limit }) => {
      const text = `${VERSIONS} WHERE (v.service, v.version) > (?1, ?2) ORDER BY v.service, v.version LIMIT ?3`
      return (await sql(text, after?.service ?? '', after?.version ?? '', limit)).map(versionIn)
    },
    allBranches: async ({ after, limit }) => {
      const text = `${BRANCHES} WHERE (b.service, b.version, b.branch) > (?1, ?2, ?3)
        ORDER BY b.service, b.version, b.branch LIMIT ?4`
      const { service = '', version = '', branch = '' } = after ?? {}
      return (await sql(text, service, version, branch, limit)).map(branchIn)
    },
    allContracts: async ({ after, limit }) => {
      const text = `SELECT ${CONTRACT} FROM contracts c WHERE (c.service, c.version, c.place, c.verb, c.part) > (?1, ?2, ?3, ?4, ?5)
        ORDER BY c.service, c.version, c.place, c.verb, c.part LIMIT ?6`
      const { service = '', version = '', place = '', verb = '', part = '' } = after ?? {}
      return (await sql(text, service, version, place, verb, part, limit)).map(contractIn)
    },
  }
}

const SERVICE = 's.name, s.position, s.main_branch'
const VERSIONS =
  'SELECT v.service, v.version, v.position, v.build_url, v.created_at, v.published_at FROM service_versions v'
const BRANCHES = 'SELECT b.service, b.version, b.branch, b.position FROM version_branches b'
const HEAD_OF_BRANCH = `${VERSIONS} JOIN version_branches b ON b.service = v.service AND b.version = v.version
  WHERE b.service = ?1 AND b.branch = ?2 ORDER BY b.position DESC LIMIT 1`

/** The version that came to a branch last, of those that have published what they write and read. */
export function headOf(service: string, branch: string): string {
  return `SELECT b.version FROM version_branches b
    JOIN service_versions p ON p.service = b.service AND p.version = b.version AND p.published_at IS NOT NULL
    WHERE b.service = ${service} AND b.branch = ${branch} ORDER BY b.position DESC LIMIT 1`
}

export const CONTRACT = `c.service, c.version, c.place, c.verb, c.part, c.schema_id, c.fingerprint, c.encoding, c.field,
  c.headers, c.guarded, c.external, c.keeps_ms, c.subject, c.subject_version, c.origin`

function serviceIn(row: Row): ServiceEntry {
  return filled<ServiceEntry>({
    name: textIn(row, 'name'),
    position: numberIn(row, 'position'),
    mainBranch: optionalTextIn(row, 'main_branch'),
  })
}

function versionIn(row: Row): ServiceVersion {
  return filled<ServiceVersion>({
    service: textIn(row, 'service'),
    version: textIn(row, 'version'),
    position: numberIn(row, 'position'),
    buildUrl: optionalTextIn(row, 'build_url'),
    createdAt: numberIn(row, 'created_at'),
    publishedAt: optionalNumberIn(row, 'published_at'),
  })
}

function branchIn(row: Row): BranchEntry {
  return {
    service: textIn(row, 'service'),
    version: textIn(row, 'version'),
    branch: textIn(row, 'branch'),
    position: numberIn(row, 'position'),
  }
}

export function contractIn(row: Row): StoredContract {
  return filled<StoredContract>({
    service: textIn(row, 'service'),
    version: textIn(row, 'version'),
    place: textIn(row, 'place'),
    verb: textIn(row, 'verb') as Verb,
    part: textIn(row, 'part'),
    schemaId: numberIn(row, 'schema_id'),
    fingerprint: textIn(row, 'fingerprint'),
    encoding: textIn(row, 'encoding') as StoredContract['encoding'],
    field: optionalTextIn(row, 'field'),
    headers: textIn(row, 'headers') as Headers,
    guarded: isTrueIn(row, 'guarded'),
    external: isTrueIn(row, 'external'),
    keepsMs: optionalNumberIn(row, 'keeps_ms'),
    subject: optionalTextIn(row, 'subject'),
    subjectVersion: optionalNumberIn(row, 'subject_version'),
    origin: optionalTextIn(row, 'origin'),
  })
}
