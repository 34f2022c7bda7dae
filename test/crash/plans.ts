import { setTimeout as wait } from 'node:timers/promises'
import type { PostgresServer } from '../support/postgres.ts'
import type { CrashPlan } from './kill-while-writing.ts'

/** The registry is killed. */
export function onSqlite(kills: number, folder: string): CrashPlan {
  return { kills, args: ['--data', folder] }
}

/** The registry is killed, and every second time PostgreSQL with it. */
export function onPostgres(kills: number, server: PostgresServer): CrashPlan {
  return {
    kills,
    args: [],
    env: { DATABASE_URL: server.url },
    onKill: async (kill) => (isBoth(kill) ? server.stop('KILL') : undefined),
    onKilled: async (kill) => (isBoth(kill) ? restart(server) : undefined),
  }
}

function isBoth(kill: number): boolean {
  return kill % 2 === 1
}

/** What it had been doing must be gone before PostgreSQL starts again; until then it refuses to. */
async function restart(server: PostgresServer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start()
    } catch (error) {
      if (attempt === 20) throw error
      await wait(100)
    }
  }
}
