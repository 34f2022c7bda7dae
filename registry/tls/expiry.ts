/** What is said of a certificate that is about to end. */
export type Reminder = { readonly level: 'warn' | 'error'; readonly sentence: string }

const DAY_MS = 24 * 60 * 60 * 1000

/** From so many days before the end on it is said once a day, and at once when the next of them is reached. */
const STAGES = [
  { days: 1, level: 'error' },
  { days: 7, level: 'error' },
  { days: 30, level: 'warn' },
] as const

/** Says when it is time to say again that a certificate ends soon. */
export function createReminders(): (file: string, expiresAt: number, now: number) => Reminder | undefined {
  let last: { readonly days: number; readonly at: number } | undefined
  return (file, expiresAt, now) => {
    const stage = STAGES.find(({ days }) => expiresAt - now <= days * DAY_MS)
    if (!stage) {
      last = undefined
      return undefined
    }
    if (last && stage.days >= last.days && now - last.at < DAY_MS) return undefined
    last = { days: stage.days, at: now }
    return { level: stage.level, sentence: tell(file, expiresAt, now) }
  }
}

function tell(file: string, expiresAt: number, now: number): string {
  const until = new Date(expiresAt).toISOString()
  if (expiresAt <= now)
    return `The certificate in "${file}" has ended (${until}), and clients refuse it: put a new one there.`
  const days = Math.floor((expiresAt - now) / DAY_MS)
  const left = days === 0 ? 'within a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`
  return `The certificate in "${file}" ends ${left} (${until}): put a new one there.`
}
