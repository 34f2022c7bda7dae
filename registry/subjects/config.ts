import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { JsonObject } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { Settings, SubjectState } from '../store/store.ts'
import { LEVELS, type Level } from './levels.ts'
import { checkSettable, GLOBAL, refuseWhenReadOnly } from './mode.ts'

const Text = Type.String()
const AnyObject = Type.Object({})

const MEMBERS = {
  compatibility: Text,
  compatibilityPolicy: Text,
  compatibilityGroup: Text,
  normalize: Type.Boolean(),
  alias: Text,
  validateFields: Type.Boolean(),
  validateRules: Type.Boolean(),
  defaultMetadata: AnyObject,
  overrideMetadata: AnyObject,
  defaultRuleSet: AnyObject,
  overrideRuleSet: AnyObject,
}

/** What may be set. Null takes a setting away, what is absent stays as it is, and other members are ignored. */
export const ConfigRequest: TObject = Type.Object(
  Object.fromEntries(
    Object.entries<TSchema>(MEMBERS).map(([name, member]) => [
      name,
      Type.Optional({ ...member, type: [member.type, 'null'] }),
    ]),
  ),
)
export type ConfigRequest = { readonly [name in keyof typeof MEMBERS]?: unknown }

export type CompatibilityPolicy = 'STRICT' | 'AS_DECLARED'

/** How a subject's versions are kept, as one who has not set everything sees it. */
export type Config = {
  readonly compatibilityLevel: Level
  readonly compatibilityPolicy?: CompatibilityPolicy
  readonly compatibilityGroup?: string
  readonly normalize?: boolean
  readonly defaultMetadata?: JsonObject
  readonly overrideMetadata?: JsonObject
  readonly defaultRuleSet?: JsonObject
  readonly overrideRuleSet?: JsonObject
}

const DEFAULT_CONFIG: Config = { compatibilityLevel: 'BACKWARD' }

/** What holds for a subject: its own settings over the global ones over the defaults. */
export function configInScope({ own, global }: Pick<SubjectState, 'own' | 'global'>): Config {
  return { ...DEFAULT_CONFIG, ...global.config, ...own.config }
}

/** What is set for a subject, or globally where it is undefined; `inScope` answers what holds there. */
export async function findConfig({ store }: Registry, subject: string | undefined, inScope: boolean): Promise<object> {
  const state = await store.subjects.state(subject ?? GLOBAL)
  if (subject === undefined || inScope) return configInScope(state)
  if (!state.own.config) throw registryError('config.not-set', { subject })
  return state.own.config
}

/** Changes settings and answers all that are set then, under the names of the request. */
export async function setConfig(
  { store }: Registry,
  subject: string | undefined,
  request: ConfigRequest,
): Promise<object> {
  checkSettable(subject)
  const changes = readChanges(request)
  const config = await store.write(async ({ subjects }) => {
    const state = await subjects.state(subject ?? GLOBAL)
    refuseWhenReadOnly(state, subject)
    const changed = withoutNulls({ ...state.own.config, ...changes })
    await subjects.configure(subject ?? GLOBAL, { ...state.own, config: changed })
    return changed
  })
  const { compatibilityLevel, ...others } = config
  return { ...(compatibilityLevel !== undefined && { compatibility: compatibilityLevel }), ...others }
}

/** Takes the settings away and answers what they were. */
export async function deleteConfig({ store }: Registry, subject: string | undefined): Promise<object> {
  return store.write(async ({ subjects }) => {
    const state = await subjects.state(subject ?? GLOBAL)
    refuseWhenReadOnly(state, subject)
    const { config, ...others }: Settings = state.own
    if (!config && subject !== undefined) throw registryError('subject.unknown', { subject })
    if (config) await subjects.configure(subject ?? GLOBAL, others)
    return subject === undefined ? configInScope(state) : { ...config }
  })
}

/** Everything that is not supported is refused by name, so that nobody believes it to hold. */
function readChanges(request: ConfigRequest): JsonObject {
  const { compatibility, compatibilityPolicy: policy, alias, validateFields, validateRules, ...others } = request
  if (alias) throw registryError('config.unsupported', { name: 'alias' })
  if (validateFields) throw registryError('config.unsupported', { name: 'validateFields' })
  if (validateRules) throw registryError('config.unsupported', { name: 'validateRules' })
  const known = Object.keys(others).filter((name) => Object.hasOwn(MEMBERS, name))
  return {
    ...(compatibility !== undefined && {
      compatibilityLevel: compatibility === null ? null : readLevel(compatibility),
    }),
    ...(policy !== undefined && { compatibilityPolicy: policy === null ? null : readPolicy(policy) }),
    ...(Object.fromEntries(known.map((name) => [name, request[name as keyof ConfigRequest]])) as JsonObject),
  }
}

function readLevel(value: unknown): Level {
  const level = LEVELS.find((name) => name === String(value).toUpperCase())
  if (!level) throw registryError('level.invalid', undefined)
  return level
}

function readPolicy(value: unknown): CompatibilityPolicy {
  const policy = String(value).toUpperCase()
  if (policy !== 'STRICT' && policy !== 'AS_DECLARED') throw registryError('policy.invalid', { policy })
  return policy
}

function withoutNulls(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
}
