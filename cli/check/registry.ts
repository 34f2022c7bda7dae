import type { Command } from 'commander'
import type { GateAnswer } from '../api/answers.ts'
import { pathTo } from '../api/client.ts'
import type { CheckOptions } from '../check.ts'
import { findConfig, loadConfig } from '../config/config.ts'
import { refusedAt } from '../config/refused-at.ts'
import { tellGate } from '../gate.ts'
import { openApi } from '../options.ts'
import { scan } from '../scan/options.ts'

/** Asks the registry how the working copy fits an environment, or the main branches of the others. */
export async function checkRegistry(against: string, options: CheckOptions, command: Command): Promise<void> {
  const config = await loadConfig(findConfig(options.config))
  const { service, contracts } = config
  const reader = { service, version: 'working copy', contracts, group: options.group ?? service }
  const scanned = await scan(command, options, async () => [reader])
  const api = await openApi(options)
  const answer = await api
    .post<GateAnswer>(
      pathTo('check'),
      'answer',
      { service, contracts, ...(against === 'main' ? { against } : { to: against }), policy: options.policy },
      { isIdempotent: true },
    )
    .catch((error: unknown) => {
      throw refusedAt(config, error)
    })
  const origins = contracts.flatMap(({ channel, origin }) => (origin === undefined ? [] : [[channel, origin] as const]))
  await tellGate({ command: 'check', answer, scanned, origins: new Map(origins) }, options)
}
