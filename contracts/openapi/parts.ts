import type { EndpointContract } from '../endpoint.ts'
import { isObject, pointerTo } from '../json.ts'
import { isSchemaShaped } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'

/** What a document needs to know of an operation. */
export type Endpoint = Pick<EndpointContract, 'name' | 'method' | 'path' | 'request' | 'responses'>

/** Which parts of a request or response its schema describes. Throws a TypeError where it does not do so part by part. */
export function partNames({ root }: Schema, { name }: Endpoint): readonly string[] {
  if (isObject(root) && isObject(root.properties)) return Object.keys(root.properties)
  throw new TypeError(`${name} has a schema that does not describe its parts under "properties": write it so.`)
}

/** What is said of a part. */
export function partOf({ root }: Schema, part: string): Target {
  const schema = isObject(root) && isObject(root.properties) ? root.properties[part] : undefined
  return { schema: isSchemaShaped(schema) ? schema : true, pointer: pointerTo('', 'properties', part) }
}
