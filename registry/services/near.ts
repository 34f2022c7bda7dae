/** Names of which one may have been meant, the likeliest first. */
export function nearNames(meant: string, names: readonly string[]): string[] {
  if (meant.length > LONGEST_COMPARED) return []
  const wanted = meant.toLowerCase()
  return names
    .filter((name) => Math.abs(name.length - meant.length) <= LONGEST_COMPARED / 2)
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.min(meant.length, name.length) / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_NEAR)
    .map(({ name }) => name)
}

const MOST_NEAR = 3
/** Comparing takes a step for each two letters, and the name may be as long as a request. */
const LONGEST_COMPARED = 64

/** How many letters have to be put in, taken out or changed; a name that begins with the other is near. */
function distanceOf(a: string, b: string): number {
  if (a.length > 3 && b.length > 3 && (a.startsWith(b) || b.startsWith(a))) return 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
