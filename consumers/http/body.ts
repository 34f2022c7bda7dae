import type { Deadline } from './deadline.ts'

/** The bytes of a response's body, or undefined where there are more than `limit`; then the rest is not read. */
export async function readBytes(
  { body, headers }: Response,
  limit: number,
  deadline: Deadline,
): Promise<Uint8Array | undefined> {
  if (body === null) return NOTHING
  const reader = body.getReader()
  const giveUp = (): void => void reader.cancel().catch(ignore)
  // a body that somebody made by hand knows nothing of the signal
  deadline.onEnd = giveUp
  let kept: Kept = { bytes: NOTHING, length: Number(headers.get('content-length') ?? 0) > limit ? limit + 1 : 0 }
  while (kept.length <= limit) {
    const { done, value } = await reader.read()
    if (done) {
      deadline.signal.throwIfAborted()
      return kept.length === kept.bytes.length ? kept.bytes : kept.bytes.subarray(0, kept.length)
    }
    kept = append(kept, value)
  }
  giveUp()
  return undefined
}

/** Lets go of a body that nobody will read. */
export function discard({ body }: Response): void {
  void body?.cancel().catch(ignore)
}

/** Whoever gives up a body has learned already what there is to learn. */
function ignore(): void {}

const NOTHING = new Uint8Array(0)

/** What was read so far; `bytes` has room for more, since a body may come byte by byte. */
type Kept = { readonly bytes: Uint8Array; readonly length: number }

function append({ bytes, length }: Kept, chunk: Uint8Array): Kept {
  const whole = length + chunk.length
  if (length === 0) return { bytes: chunk, length: whole }
  const room = whole <= bytes.length ? bytes : new Uint8Array(Math.max(whole, 2 * bytes.length))
  if (room !== bytes) room.set(bytes.subarray(0, length))
  room.set(chunk, length)
  return { bytes: room, length: whole }
}
