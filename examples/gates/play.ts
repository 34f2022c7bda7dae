import { runStep, type Step } from './commands.ts'

/** Plays the story against the registry at a URL. */
export async function play(url: string): Promise<void> {
  for (const { title, steps } of STORY) {
    console.log(`# ${title}\n`)
    for (const together of steps) await Promise.all(together.map((step) => runStep(url, step)))
  }
}

/** Steps that stand together do not wait for each other. */
type Chapter = { readonly title: string; readonly steps: readonly (readonly Step[])[] }

const ENVIRONMENTS = ['test', 'staging', 'production']
const API = 'vote-api/1.0'
const RENAMED = 'vote-api/2.0-renamed'
const BOTH = 'vote-api/2.1-both'
const TALLY = 'tally/1.0'

const STORY: readonly Chapter[] = [
  {
    title: 'Two services run in three environments',
    steps: [
      [
        yes(API, 'environments create staging'),
        yes(API, 'publish --version 1.0 --branch main'),
        yes(TALLY, 'publish --version 1.0 --branch main'),
      ],
      ENVIRONMENTS.map((name) => yes(API, `record-deployment --version 1.0 --to ${name}`)),
      ENVIRONMENTS.map((name) => yes(TALLY, `record-deployment --version 1.0 --to ${name}`)),
    ],
  },
  {
    title: 'The vote API renames a field, and is told before anybody merges it',
    steps: [[no(RENAMED, 'check --against production')]],
  },
  {
    title: 'Somebody merges it all the same, and it gets nowhere',
    steps: [
      [yes(RENAMED, 'publish --version 2.0 --branch main')],
      [no(RENAMED, 'can-i-deploy --version 2.0 --to production')],
      [yes(RENAMED, 'impact --version 2.0 --to production')],
    ],
  },
  {
    title: 'The fix writes both names, and goes all the way',
    steps: [
      [yes(BOTH, 'publish --version 2.1 --branch main')],
      ...ENVIRONMENTS.flatMap((name) => [
        [yes(BOTH, `can-i-deploy --version 2.1 --to ${name} --start`)],
        [yes(BOTH, `record-deployment --version 2.1 --to ${name}`)],
      ]),
    ],
  },
]

function yes(folder: string, command: string): Step {
  return { folder, command, ends: 0 }
}

function no(folder: string, command: string): Step {
  return { folder, command, ends: 3 }
}
