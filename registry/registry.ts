import type { Store } from './store/store.ts'
import type { Engine } from './verdicts/engine.ts'

/** What the domain works with. Both are taken, not owned. */
export type Registry = { readonly store: Store; readonly engine: Engine }
