import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '../support/postgres.ts'
import { isLoadInOrder } from './account.ts'
import { runLoad } from './load.ts'
import { linesOf } from './report.ts'

// The long form of test/examples/load.test.ts: `npm run demo:load -- --votes 20000 --clients 200 --kills 10 --seed 1`
const { values } = parseArgs({
  options: {
    votes: { type: 'string', default: '20000' },
    clients: { type: 'string', default: '200' },
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
})
const { votes, clients, kills, seed } = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [name, wholeNumber(name, value)]),
) as Record<keyof typeof values, number>

const load = () =>
  loadavg()
    .map((average) => average.toFixed(1))
    .join(' ')
console.log(`${votes} votes of ${clients} clients, seed ${seed}; Redis and the tally are killed ${kills} times each.`)
console.log(`This machine has ${availableParallelism()} cores, and a load of ${load()} before it begins.`)
await using database = await startPostgres({ isDurable: true })
const report = await runLoad({
  databaseUrl: database.url,
  votes,
  clients,
  kills,
  seed,
  mostDownMs: 5_000,
  withinMs: 15 * 60_000,
  onProgress: (accepted) => console.log(`  … ${accepted} accepted`),
})
console.log(`\n${linesOf(report).join('\n')}`)
console.log(`${'load at the end'.padEnd(34)} ${load()}\n`)
console.log(isLoadInOrder(report.account) ? 'All is accounted for.' : JSON.stringify(report.account, null, 2))
process.exitCode = isLoadInOrder(report.account) ? 0 : 1

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,7}$/.test(value) && (name === 'kills' || name === 'seed' || Number(value) > 0)) return Number(value)
  console.error(`--${name} is "${value}"; it must be a whole number.`)
  process.exit(2)
}
