import { castVote } from './cast-vote.js'
import { listen } from './listen.js'
import { say, sayStanding, showAway, showResults } from './show.js'

const api = document.querySelector('meta[name="vote-api"]')?.getAttribute('content') ?? ''

/** How long the vote API may be silent before the page says so. */
const PATIENCE_MS = 1_500
/** How long until votes that were not confirmed are sent again. */
const PAUSE_MS = 2_000

/** @typedef {{ readonly option: import('./cast-vote.js').Option, readonly key: string }} Cast */

/** @type {Cast[]} */
const unconfirmed = []

for (const option of /** @type {const} */ (['cats', 'dogs']))
  document.querySelector(`#${option} button`)?.addEventListener('click', () => {
    say(`Your vote for ${option} is on its way.`)
    void vote({ option, key: newKey() })
  })

/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence
/** The first failure counts: those that follow it begin no new time. */
const bePatient = () => {
  silence ??= setTimeout(showAway, PATIENCE_MS, true)
}
bePatient()
listen(api, {
  onOpen: () => {
    clearTimeout(silence)
    silence = undefined
    showAway(false)
  },
  onResults: (results) => {
    showResults(results)
    sayStanding(results)
  },
  onAway: bePatient,
})
setInterval(() => {
  for (const waiting of unconfirmed.splice(0)) void vote(waiting, STILL_OPEN)
}, PAUSE_MS)

/** What leaves open whether a vote counts; where it was sent before, being refused unseen does so too. */
const OPEN = ['Unconfirmed']
const STILL_OPEN = ['Unconfirmed', 'TooOften']

/**
 * Sends a vote. One that is not confirmed is sent again later, under the same key, so that it counts once.
 * @param {Cast} cast
 */
async function vote(cast, open = OPEN) {
  try {
    say(`Your vote for ${await castVote(api, cast.option, cast.key)} counts.`)
  } catch (error) {
    if (!(error instanceof Error) || !open.includes(error.name))
      return say(error instanceof Error ? error.message : String(error))
    unconfirmed.push(cast)
    say(`Your vote for ${cast.option} is not confirmed yet. It is sent again until it is.`)
  }
}

/** Not `randomUUID`, which browsers have only where the page comes over TLS or from this machine. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
