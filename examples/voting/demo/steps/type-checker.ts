import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Step } from '../play.ts'
import { showCommand } from '../show-command.ts'

const TSC = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc')

export const typeChecker: Step = {
  name: 'types',
  title: 'The tally reads `vote`: the type checker refuses it',
  tells:
    'The contract of all that is written to the stream comes from the registry as a TypeScript module. The developer declares what the tally reads of it, and a field that nobody writes does not compile: the editor says so while it is typed.',
  async play({ node, concordat }, screen) {
    const pull = 'pull votes --environment production'
    await showCommand(screen, {
      folder: 'tally',
      typed: `concordat ${pull}`,
      run: () => concordat(pull),
      ends: 0,
      says: ['Wrote votes.written.ts'],
    })
    await showCommand(screen, {
      folder: 'tally',
      typed: 'npx tsc',
      run: () => node(TSC),
      ends: 1,
      says: ['votes-read.contract.ts(', '"vote is never written"'],
    })
    return 'caught: the tally that reads `vote` does not compile'
  },
}
