import { startPostgres } from '../support/postgres.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { type CrashPlan, killWhileWriting } from './kill-while-writing.ts'
import { onPostgres, onSqlite } from './plans.ts'

// The long form of crash.test.ts: `npm run crash -- 100`
const kills = Number(process.argv[2] ?? 100)

await using folder = await disposableFolder()
await tell('SQLite', onSqlite(kills, folder.path))
await using server = await startPostgres()
await tell('PostgreSQL', onPostgres(kills, server))

async function tell(store: string, plan: CrashPlan): Promise<void> {
  const started = Date.now()
  const onKilled = async (kill: number) => {
    await plan.onKilled?.(kill)
    if ((kill + 1) % 10 === 0) console.log(`  ${store}: killed ${kill + 1} of ${kills} times`)
  }
  const { acknowledged, wrong } = await killWhileWriting({ ...plan, onKilled })
  const seconds = Math.round((Date.now() - started) / 1000)
  console.log(`${store}: ${kills} kills, ${acknowledged} versions acknowledged, ${wrong.length} wrong, ${seconds} s`)
  for (const one of wrong.slice(0, 20)) console.log(`  ${one}`)
  if (wrong.length > 0) process.exitCode = 1
}
