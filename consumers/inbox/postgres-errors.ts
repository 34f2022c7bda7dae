// https://www.postgresql.org/docs/current/errcodes-appendix.html
// Others were in the way: nothing was written, and it may go well the next time.
const CONFLICTS = ['40001', '40P01', '55P03']
// Connections, resources, an operator, the system; a standby that only reads; rights, and names that are not there.
const STATES = ['08', '53', '57P', '58', 'XX', '25006', '28', '3D', '3F', '42501', '42P01']

/** Whether the state of the database is to blame, rather than a message or its handler. */
export function isDatabasesFault(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as { readonly code?: unknown }
    if (typeof code !== 'string') continue
    if (CONFLICTS.includes(code) || STATES.some((state) => code.startsWith(state))) return true
  }
  return false
}

/** Whether an error names this table or one beside it. */
export function names(error: unknown, table: string): boolean {
  const name = table.slice(table.indexOf('.') + 1)
  return error instanceof Error && error.message.includes(name)
}
