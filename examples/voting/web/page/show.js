/** @typedef {import('./listen.js').Results} Results */

/** How often a standing that changes is said to who cannot see it. */
const SAY_EVERY_MS = 5_000

/**
 * Moves the bars.
 * @param {Results} results
 */
export function showResults({ results, total_votes, last_updated }) {
  for (const { option, count, percentage } of results) {
    const votes = count === 1 ? '1 vote' : `${count} votes`
    write(`#${option} .percentage`, `${percentage} %`)
    write(`#${option} .count`, votes)
    const bar = document.querySelector(`#${option} .bar`)
    bar?.setAttribute('aria-valuenow', String(percentage))
    bar?.setAttribute('aria-valuetext', `${percentage} %, ${votes}`)
    const fill = document.querySelector(`#${option} .fill`)
    if (fill instanceof HTMLElement) fill.style.setProperty('--share', String(percentage))
  }
  const last = last_updated === null ? '' : `, the last one at ${new Date(last_updated).toLocaleTimeString()}`
  write('#total', total_votes === 1 ? `1 vote${last}.` : `${total_votes} votes${last}.`)
}

/**
 * Says what has become of somebody's vote.
 * @param {string} text
 */
export function say(text) {
  write('#said', text)
}

/**
 * Says whether the vote API is away.
 * @param {boolean} isAway
 */
export function showAway(isAway) {
  write('#away', isAway ? 'The vote API does not answer. The page goes on by itself when it is back.' : '')
}

/** @type {Results | undefined} */
let unsaid
let isQuiet = false

/**
 * Says how the vote stands, for who cannot see it: at once, and then of many changes the last.
 * @param {Results} results
 */
export function sayStanding(results) {
  unsaid = results
  if (isQuiet) return
  const standing = unsaid.results.map(({ option, count }) => `${option} ${count}`).join(', ')
  write('#standing', `The vote stands at ${standing}.`)
  unsaid = undefined
  isQuiet = true
  setTimeout(() => {
    isQuiet = false
    if (unsaid !== undefined) sayStanding(unsaid)
  }, SAY_EVERY_MS)
}

/**
 * @param {string} selector
 * @param {string} text
 */
function write(selector, text) {
  const element = document.querySelector(selector)
  if (element && element.textContent !== text) element.textContent = text
}
