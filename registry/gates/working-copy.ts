import type { Registry } from '../registry.ts'
import { readContracts } from '../services/publish.ts'
import type { SentContract } from '../services/sent.ts'
import type { VersionName } from '../store/services.ts'
import type { Candidate } from './party.ts'
import type { Texts } from './verdicts.ts'

/** A candidate that is not published: its schemas have no ids, and their texts are only here. */
export async function workingCopy(
  registry: Registry,
  name: VersionName,
  sent: readonly SentContract[],
): Promise<{ readonly candidate: Candidate; readonly texts: Texts }> {
  const read = await readContracts(registry, sent)
  const contracts = read.map(
    ({ sent: { at: _at, schemaAt: _schemaAt, schema: _schema, ...terms }, content: { fingerprint } }) => ({
      ...terms,
      fingerprint,
      schemaId: 0,
    }),
  )
  return {
    candidate: { ...name, contracts, isWorkingCopy: true },
    texts: new Map(read.map(({ content }) => [content.fingerprint, content.text])),
  }
}
