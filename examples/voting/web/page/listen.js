/**
 * @typedef {{ option: string, count: number, percentage: number }} Result
 * @typedef {{ results: Result[], total_votes: number, last_updated: string | null }} Results
 * @typedef {{ onOpen: () => void, onResults: (results: Results) => void, onAway: () => void }} Hooks
 */

/** How long until it is tried again after the vote API has refused. */
const PAUSE_MS = 2_000

/**
 * Listens to the results as long as the page is open. After a lost connection browsers come again by themselves; after an
 * answer that is none they do not.
 * @param {string} api
 * @param {Hooks} hooks
 */
export function listen(api, hooks) {
  const events = new EventSource(new URL('/api/results/live', api))
  events.addEventListener('open', hooks.onOpen)
  events.addEventListener('message', ({ data }) => hooks.onResults(JSON.parse(data)))
  events.addEventListener('error', () => {
    hooks.onAway()
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, PAUSE_MS, api, hooks)
  })
}
