import { type Desk, failed } from './desk.ts'
import type { About as AboutMessage } from './headers.ts'
import type { Job } from './line.ts'
import { createTicket, type Ticket } from './ticket.ts'

export type About = AboutMessage & { readonly signal?: AbortSignal | undefined }

/** `token` is there from the moment at which Redis may have the message. */
type Seat = {
  readonly entry: readonly string[]
  readonly about: AboutMessage
  readonly ticket: Ticket<string>
  token?: string
}
type Shared = Job & { readonly takes: (ends: number) => boolean; readonly add: (seat: Seat) => void }

/** A batch ends by the deadline of its first send, so that a send joins it only when its own is not much later. */
const JOINS_WITHIN = 0.05

/**
 * Lets sends that come together share a batch: those of one turn, and those that come while another batch is under way.
 * Each has its own token all the same, `batch~place`.
 */
export function createTogether(desk: Desk): (entry: readonly string[], about: About) => Promise<string> {
  const { channel, line, deadline } = desk
  let last: Shared | undefined

  return (entry, about) => {
    const ticket = createTicket<string>(about.signal, (error) => {
      admission.cancel()
      const { token } = seat
      return failed(channel, { error, isUntouched: token === undefined }, { token: token ?? '' })
    })
    const seat: Seat = { entry, about, ticket }
    const ends = deadline()
    const admission = line.admit(1, () => {
      if (last === undefined || last !== line.last() || !last.takes(ends)) {
        last = createShared(desk, ends)
        line.add(last)
      }
      last.add(seat)
    })
    return ticket.promise
  }
}

function createShared(desk: Desk, ends: number): Shared {
  const { channel, maxBatch, deadlineMs, nextToken, addHeaders, write } = desk
  const seats: Seat[] = []
  const batch = nextToken()
  const joinsUntil = ends + deadlineMs * JOINS_WITHIN
  return {
    size: () => seats.length,
    takes: (later) => seats.length < maxBatch && later <= joinsUntil,
    add: (seat) => void seats.push(seat),
    run: async () => {
      const sending = seats.filter(({ ticket }) => !ticket.isOver())
      if (sending.length === 0) return
      const entries = sending.map((seat, place) => {
        seat.token = `${batch}~${place}`
        return addHeaders(seat.entry, seat.token, seat.about)
      })
      const { ids, ...outcome } = await write(batch, entries, ends)
      for (const [place, { ticket, token = '' }] of sending.entries()) {
        const id = ids[place]
        if (id === undefined) ticket.reject(failed(channel, outcome, { token }))
        else ticket.resolve(id)
      }
    },
  }
}
