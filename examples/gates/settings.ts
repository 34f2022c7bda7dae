/** The PostgreSQL that DATABASE_URL names; without it the registry keeps its data in SQLite. */
export function readDatabaseUrl(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.DATABASE_URL || undefined
}

/** The environment of the commands: ours, and where the registry is. */
export function commandEnvironment(url: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, CONCORDAT_URL: url }
}
