import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { outcomeOf } from '../support/outcome.ts'
import { createDatabase } from '../support/postgres.ts'

const program = ['--conditions=concordat-source', join(import.meta.dirname, '../../examples/gates/main.ts')]

// Some twenty commands, one after the other, each a process.
const TIMEOUT = { timeout: 60_000 }

/** What the story must come to. */
const CHAPTERS = [
  /Two services run .*vote-api 1\.0 runs in production\./s,
  /No: vote-api working copy cannot go to production: /,
  /No: vote-api 2\.0 cannot go to production: .*\/option is required by the reader and never written\. The writer writes `vote`/s,
  /Yes: vote-api 2\.1 can go to production: .*vote-api 2\.1 runs in production, in the place of vote-api 1\.0/s,
  /Every command has answered as the story tells it\.\n$/,
]

test('the example plays its story on SQLite', TIMEOUT, async () => {
  const { code, stdout, stderr } = await play({ DATABASE_URL: '' })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const chapter of CHAPTERS) expect(stdout).toMatch(chapter)
})

test('the example plays its story on PostgreSQL', TIMEOUT, async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  const { code, stdout, stderr } = await play({ DATABASE_URL: database.url })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const chapter of CHAPTERS) expect(stdout).toMatch(chapter)
})

function play(env: NodeJS.ProcessEnv) {
  return outcomeOf(process.execPath, program, { env, timeoutMs: 60_000 })
}
