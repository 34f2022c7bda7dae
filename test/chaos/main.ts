import { isInOrder } from './account.ts'
import { runChaos } from './chaos.ts'

// The long form of chaos.test.ts: `npm run chaos -- 10 7` runs for ten minutes with the seed 7.
const [minutes = '10', seed = String(Date.now() % 100_000)] = process.argv.slice(2)
const faults = new Map<string, number>()
console.log(`Breaking things for ${minutes} minutes, seed ${seed} …`)
const ticking = setInterval(
  () => console.log(`  … ${[...faults.values()].reduce((sum, n) => sum + n, 0)} faults so far`),
  30_000,
)
const account = await runChaos({
  forMs: Number(minutes) * 60_000,
  seed: Number(seed),
  onFault: (fault) => void faults.set(fault, (faults.get(fault) ?? 0) + 1),
})
clearInterval(ticking)
for (const [fault, times] of faults) console.log(`${fault.padEnd(28)} ${String(times).padStart(6)}`)
for (const [what, told] of Object.entries(account))
  console.log(`${what.padEnd(28)} ${String(Array.isArray(told) ? told.length : told).padStart(6)}`)
console.log(isInOrder(account) ? 'All is accounted for.' : JSON.stringify(account, null, 2))
process.exit(isInOrder(account) ? 0 : 1)
