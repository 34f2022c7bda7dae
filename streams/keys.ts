/** The stream that keeps what a group could not take, in the same cluster slot as the stream itself. */
export function deadKey(stream: string, group: string): string {
  return `${tagged(stream)}:dead:${group}`
}

/** The stream on which a group's dead letters come back to it; nobody else reads it. */
export function retryKey(stream: string, group: string): string {
  return `${tagged(stream)}:retry:${group}`
}

/** Where Redis keeps what was written under a token, in the slot of the stream, so that one script may use both. */
export function sentKey(stream: string, token: string): string {
  return `${tagged(stream)}:sent:${token}`
}

/** A name that already has a hash tag keeps it; any other becomes one, so that Redis hashes both names alike. */
function tagged(stream: string): string {
  return /\{[^}]+\}/.test(stream) ? stream : `{${stream}}`
}
