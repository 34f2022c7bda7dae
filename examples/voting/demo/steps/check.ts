import type { Step } from '../play.ts'
import { showCommand } from '../show-command.ts'

export const check: Step = {
  name: 'check',
  title: '`concordat check` refuses the pull request',
  tells:
    'Somebody silences the compiler, or writes in a language without one. The pull request asks all the same whether this working copy fits what runs in production, and is told a finding, one vote that would be lost, and the likely cause.',
  async play({ concordat }, screen) {
    const typed = 'check --against production'
    await showCommand(screen, {
      folder: 'tally',
      typed: `concordat ${typed}`,
      run: () => concordat(typed),
      ends: 3,
      says: [
        '/vote is required by the reader and never written',
        '`option`, which takes the same values: renamed?',
        '{"option":"cats"',
      ],
    })
    return 'caught: the pull request is refused, with a vote that would be lost'
  },
}
