import type { Step } from '../play.ts'
import { showCommand } from '../show-command.ts'

export const canIDeploy: Step = {
  name: 'can-i-deploy',
  title: 'It is merged all the same: `concordat can-i-deploy` refuses the deployment',
  tells:
    'The pipeline publishes what the new version reads, and asks before it deploys. What counts is what runs there at this moment, whoever skipped which check before.',
  async play({ concordat }, screen) {
    const publish = 'publish --version 2.0 --branch main'
    await showCommand(screen, {
      folder: 'tally',
      typed: `concordat ${publish}`,
      run: () => concordat(publish),
      ends: 0,
      says: ['2.0'],
    })
    const ask = 'can-i-deploy --version 2.0 --to production'
    await showCommand(screen, {
      folder: 'tally',
      typed: `concordat ${ask}`,
      run: () => concordat(ask),
      ends: 3,
      says: ['No: tally 2.0 cannot go to production', '/vote is required by the reader and never written'],
    })
    return 'caught: tally 2.0 does not go to production'
  },
}
