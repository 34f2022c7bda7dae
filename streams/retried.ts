import type { Entry } from './entry.ts'

/**
 * An entry of a group's retry stream as it was in the stream: its own fields under its first id. It stands on the retry
 * stream as those fields and then `_dead_id`; one too large for Lua as `_dead_id` and then its fields as JSON.
 */
export function asItWas({ id, fields }: Entry): Entry {
  const [name = '', value = ''] = fields.slice(-2)
  if (name === '_dead_id') return { id: value, fields: fields.slice(0, -2) }
  if (name === '_dead_fields') return { id: fields.at(-3) ?? id, fields: JSON.parse(value) as string[] }
  return { id, fields }
}
