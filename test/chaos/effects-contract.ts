import { Type } from '@sinclair/typebox'
import { stream } from '../../contracts/index.ts'

export const Noted = stream('noted', { name: Type.String(), number: Type.Integer() }, { headers: 'id' })
export const GROUP = 'keepers'

/** Its handler always fails. */
export function isPoison(number: number): boolean {
  return number % 61 === 17
}
