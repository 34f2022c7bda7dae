import { Type } from '@sinclair/typebox'

/** Why a request that keeps its contract is not answered; where Retry-After stands beside it, it may come again after that time. */
export const Refused = Type.Object({ message: Type.String() })
