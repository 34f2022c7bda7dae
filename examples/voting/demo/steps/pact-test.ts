import { join } from 'node:path'
import { NotShown, type Step } from '../play.ts'
import { showCommand } from '../show-command.ts'

const PACT_TEST = join(import.meta.dirname, '../tally.pact.ts')

export const pactTest: Step = {
  name: 'pact',
  title: 'The Pact test fails',
  tells:
    "The tally's own test is green, for it takes the example that its developer made up. Held against a message that the vote API has really written, the pact that this test recorded does not hold.",
  async play({ votes, node }, screen) {
    const { status } = await votes.cast('cats')
    if (status !== 201) throw new NotShown(`The vote API answered ${status}, and not 201.`)
    await showCommand(screen, {
      folder: 'tally',
      typed: 'node tally.pact.ts',
      run: () => node(PACT_TEST),
      ends: 1,
      says: ['The tally takes its own example', 'Actual map is missing the following keys: vote'],
      excerpt: failingLines,
    })
    return 'caught: the pact of the tally does not hold against what the vote API writes'
  },
}

/** What the test says for itself, and the failures; not what pact-js says of all that is well, nor the same once more as JSON. */
function failingLines(output: string): string {
  const [own = ''] = output.split('\n')
  const [failures = output] = /^Failures:.*?^There were .*?$/ms.exec(output) ?? []
  return `${own}\n\n${failures.replaceAll(/\n{2,}/g, '\n')}`
}
