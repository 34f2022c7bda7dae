import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { SubjectState } from '../store/store.ts'
import { checkSubject } from './subject.ts'

const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE'] as const
export type Mode = (typeof MODES)[number]

/** The name under which the store keeps what holds for all subjects. */
export const GLOBAL = ''

/** What may be done with a subject: READONLY_OVERRIDE set globally wins, else the subject's own mode, else the global one. */
export function modeInScope({ own, global }: Pick<SubjectState, 'own' | 'global'>): Mode {
  if (global.mode === 'READONLY_OVERRIDE') return 'READONLY_OVERRIDE'
  return (own.mode ?? global.mode ?? 'READWRITE') as Mode
}

export function refuseWhenReadOnly(state: SubjectState, subject: string | undefined): void {
  if (modeInScope(state) !== 'READWRITE') throw registryError('mode.read-only', { subject: subject ?? null })
}

export async function findMode({ store }: Registry, subject: string | undefined, inScope: boolean): Promise<Mode> {
  const state = await store.subjects.state(subject ?? GLOBAL)
  if (subject === undefined || inScope) return modeInScope(state)
  if (state.own.mode === undefined) throw registryError('mode.not-set', { subject })
  return state.own.mode as Mode
}

/** Sets a mode, or takes it away where it is null. */
export async function setMode({ store }: Registry, subject: string | undefined, sent: string | null): Promise<void> {
  checkSettable(subject)
  const mode = sent === null ? undefined : readMode(sent)
  await store.write(async ({ subjects }) => {
    const { config } = (await subjects.state(subject ?? GLOBAL)).own
    await subjects.configure(subject ?? GLOBAL, { ...(config && { config }), ...(mode && { mode }) })
  })
}

/** Takes a mode away and answers what it was. */
export async function deleteMode({ store }: Registry, subject: string | undefined): Promise<Mode> {
  return store.write(async ({ subjects }) => {
    const { own } = await subjects.state(subject ?? GLOBAL)
    if (own.mode === undefined && subject !== undefined) throw registryError('subject.unknown', { subject })
    await subjects.configure(subject ?? GLOBAL, own.config ? { config: own.config } : {})
    return (own.mode ?? 'READWRITE') as Mode
  })
}

/** The global settings have no subject; a subject must have a name that it may have. */
export function checkSettable(subject: string | undefined): void {
  if (subject !== undefined) checkSubject(subject)
}

function readMode(sent: string): Mode {
  const mode = MODES.find((name) => name === sent.toUpperCase())
  if (!mode) throw registryError('mode.invalid', { mode: sent })
  return mode
}
