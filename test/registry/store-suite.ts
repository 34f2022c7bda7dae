import { describe } from 'vitest'
import type { Store } from '../../registry/store/store.ts'
import { describeAccess } from './store/access.ts'
import { describeAppending } from './store/appending.ts'
import { describeEnvironments } from './store/environments.ts'
import { describeReading } from './store/reading.ts'
import { describeServices } from './store/services.ts'
import { describeSharing } from './store/sharing.ts'
import { describeWriting } from './store/writing.ts'
import type { Temporary } from './temporary.ts'

/** A place that keeps data, which any number of stores may have open. */
export type StorePlace = { open(): Promise<Store> }
/** Makes a place, in which nobody has ever opened a store where it must be new. */
export type MakePlace = (how?: { readonly isNew: boolean }) => Promise<Temporary<StorePlace>>

/** The law of `Store`, for each of its forms. */
export function describeStore(form: string, makePlace: MakePlace): void {
  describe(`a store in ${form}`, () => {
    describeWriting(makePlace)
    describeAppending(makePlace)
    describeReading(makePlace)
    describeSharing(makePlace)
    describeServices(makePlace)
    describeEnvironments(makePlace)
    describeAccess(makePlace)
  })
}
