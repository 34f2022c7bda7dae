import type { RegistryMetrics } from './operations/metrics.ts'
import type { Store } from './store/store.ts'
import type { Engine } from './verdicts/engine.ts'

/** What the domain works with. All is taken, not owned. */
export type Registry = {
  readonly store: Store
  readonly engine: Engine
  /** Where it counts what it answers. */
  readonly metrics?: RegistryMetrics | undefined
}
