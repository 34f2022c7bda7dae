import type { JsonObject } from '../../contracts/index.ts'
import type { SchemaContent, SubjectVersion } from '../store/store.ts'
import type { Config } from './config.ts'
import { type SentSchema, withParts } from './content.ts'

/**
 * What a new version gets besides its schema: what was sent, or else what the version before it had; over the subject's
 * defaults, and under what the subject lays down for all of its versions.
 */
export function withDefaults(
  content: SchemaContent,
  sent: Pick<SentSchema, 'metadata' | 'ruleSet'>,
  { latest, config }: { readonly latest?: SubjectVersion | undefined; readonly config: Config },
): SchemaContent {
  const metadata = [config.defaultMetadata, sent.metadata ?? latest?.metadata, config.overrideMetadata]
  const ruleSet = [config.defaultRuleSet, sent.ruleSet ?? latest?.ruleSet, config.overrideRuleSet]
  return withParts(content, merge(metadata, mergeMember), merge(ruleSet, mergeRules))
}

/** Whether the subject lays down metadata or rules, so that what is sent is not yet what will be kept. */
export function hasDefaults(config: Config): boolean {
  return [config.defaultMetadata, config.overrideMetadata, config.defaultRuleSet, config.overrideRuleSet].some(Boolean)
}

type Member = JsonObject[string]
type MergeMember = (under: Member, over: Member) => Member

function merge(layers: readonly (JsonObject | undefined)[], mergeBoth: MergeMember): JsonObject | undefined {
  return layers.reduce<JsonObject | undefined>((under, over) => {
    if (!under || !over) return over ?? under
    const both = Object.entries(over).map(([name, member]) => {
      const below = Object.hasOwn(under, name) ? under[name] : undefined
      return [name, below === undefined ? member : mergeBoth(below, member)]
    })
    return { ...under, ...Object.fromEntries(both) }
  }, undefined)
}

/** `properties` and `tags` are merged by name, `sensitive` is a set of names. */
function mergeMember(under: Member, over: Member): Member {
  if (Array.isArray(under) && Array.isArray(over)) return [...new Set([...under, ...over])]
  return isObject(under) && isObject(over) ? { ...under, ...over } : over
}

/** Rules are merged by their names; those of the layer above come last. */
function mergeRules(under: Member, over: Member): Member {
  if (!Array.isArray(under) || !Array.isArray(over)) return over
  const names = new Set(over.map(nameOf))
  return [...under.filter((rule) => !names.has(nameOf(rule))), ...over]
}

function nameOf(rule: Member): Member {
  return isObject(rule) ? (rule.name ?? null) : null
}

function isObject(value: Member | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
