/** A vote of which nobody knows whether it counts. Under the same key it may be sent again, and counts once. */
class Unconfirmed extends Error {
  /** @override */
  name = 'Unconfirmed'
}

/** A vote that was refused unseen. Nothing is said of whether it counts already, where it had been sent before. */
class TooOften extends Error {
  /** @override */
  name = 'TooOften'
}

/**
 * Sends a vote, and answers the option that counts.
 * @param {string} api
 * @param {import('./cast-vote.js').Option} option
 * @param {string} key
 */
export async function castVote(api, option, key) {
  const { status, answer } = await post(api, option, key)
  if (status === 201 && (answer?.option === 'cats' || answer?.option === 'dogs')) return answer.option
  if (status === 429) throw new TooOften('Not so fast: the vote was not counted. Try again in a minute.')
  if (status === 503) throw new Unconfirmed('The vote API asks for patience.')
  throw new Error(`The vote was not counted: the vote API answered ${status}.`)
}

/**
 * @param {string} api
 * @param {string} option
 * @param {string} key
 */
async function post(api, option, key) {
  try {
    const response = await fetch(new URL('/api/vote', api), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ option }),
      signal: AbortSignal.timeout(10_000),
    })
    return { status: response.status, answer: await response.json() }
  } catch (cause) {
    throw new Unconfirmed('The vote API does not answer.', { cause })
  }
}
