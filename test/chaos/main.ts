import { isInOrder } from './account.ts'
import { type ChaosPlan, runChaos } from './chaos.ts'
import { runEffects } from './effects.ts'
import { areEffectsInOrder } from './effects-account.ts'

// The long form of chaos.test.ts and effects.test.ts: `npm run chaos -- 10 7` runs each for ten minutes with the seed 7,
// and `npm run chaos -- 10 7 effects` one of them.
const [minutes = '10', seed = String(Date.now() % 100_000), only] = process.argv.slice(2)
const accounts = { streams: accountOf(runChaos, isInOrder), effects: accountOf(runEffects, areEffectsInOrder) }
if (only !== undefined && !Object.hasOwn(accounts, only)) {
  console.error(`There is no account "${only}"; there are: ${Object.keys(accounts).join(', ')}.`)
  process.exit(2)
}
let isWell = true
for (const [name, run] of Object.entries(accounts)) if (only === undefined || only === name) isWell &&= await run(name)
process.exit(isWell ? 0 : 1)

/** Breaks things, shows the account, and says whether it is in order. */
function accountOf<A extends object>(run: (plan: ChaosPlan) => Promise<A>, isFine: (account: A) => boolean) {
  return async (name: string): Promise<boolean> => {
    const faults = new Map<string, number>()
    console.log(`${name}: breaking things for ${minutes} minutes, seed ${seed} …`)
    const ticking = setInterval(
      () => console.log(`  … ${[...faults.values()].reduce((sum, n) => sum + n, 0)} faults so far`),
      30_000,
    )
    const account = await run({
      forMs: Number(minutes) * 60_000,
      seed: Number(seed),
      onFault: (fault) => void faults.set(fault, (faults.get(fault) ?? 0) + 1),
    })
    clearInterval(ticking)
    for (const [fault, times] of faults) console.log(`${fault.padEnd(32)} ${String(times).padStart(6)}`)
    for (const [what, told] of Object.entries(account))
      console.log(`${what.padEnd(32)} ${String(Array.isArray(told) ? told.length : told).padStart(6)}`)
    console.log(isFine(account) ? 'All is accounted for.' : JSON.stringify(account, null, 2))
    return isFine(account)
  }
}
