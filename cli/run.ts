import type { Command } from 'commander'
import { ownVersion } from './version.ts'

/** A command as the list of all tells it; its own file is loaded when the command line names it. */
type Listed = {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<(program: Command) => void>
}

const COMMANDS: readonly Listed[] = [
  {
    name: 'serve',
    summary: 'run the registry until it is stopped',
    load: async () => (await import('./serve.ts')).addServe,
  },
  {
    name: 'check',
    summary: 'is all that a writer may write fit for a reader?',
    load: async () => (await import('./check.ts')).addCheck,
  },
  {
    name: 'publish',
    summary: "put this version's contracts into the registry",
    load: async () => (await import('./publish.ts')).addPublish,
  },
  {
    name: 'can-i-deploy',
    summary: 'can this version go where it wants to go? If not, why not',
    load: async () => (await import('./can-i-deploy.ts')).addCanIDeploy,
  },
  {
    name: 'record-deployment',
    summary: 'tell the registry that a version runs in an environment, or no longer does',
    load: async () => (await import('./record-deployment.ts')).addRecordDeployment,
  },
  {
    name: 'record-release',
    summary: 'tell the registry that a version is released in an environment, or no longer is',
    load: async () => (await import('./record-release.ts')).addRecordRelease,
  },
  {
    name: 'pull',
    summary: 'write what is written to a stream as a TypeScript module',
    load: async () => (await import('./pull.ts')).addPull,
  },
  {
    name: 'graph',
    summary: 'show which services meet on which channels',
    load: async () => (await import('./graph.ts')).addGraph,
  },
  {
    name: 'impact',
    summary: 'whom a version would break, who lives on them, and who must be told',
    load: async () => (await import('./impact.ts')).addImpact,
  },
  {
    name: 'fields',
    summary: 'who writes, reads, serves or calls something with a field of this name',
    load: async () => (await import('./fields.ts')).addFields,
  },
  {
    name: 'environments',
    summary: 'list, show, create and set environments',
    load: async () => (await import('./environments.ts')).addEnvironments,
  },
  {
    name: 'overrides',
    summary: 'wave a stop through for a time, list what is waved through, and end it',
    load: async () => (await import('./overrides.ts')).addOverrides,
  },
  {
    name: 'tokens',
    summary: 'make tokens, list them, and revoke them',
    load: async () => (await import('./tokens.ts')).addTokens,
  },
  {
    name: 'validate',
    summary: 'hold messages against a schema',
    load: async () => (await import('./validate.ts')).addValidate,
  },
  {
    name: 'sample',
    summary: 'make messages for tests from a schema',
    load: async () => (await import('./sample.ts')).addSample,
  },
  {
    name: 'types',
    summary: 'write the TypeScript types of a schema',
    load: async () => (await import('./types.ts')).addTypes,
  },
  {
    name: 'diff',
    summary: 'what has changed between two schemas, and whom it breaks',
    load: async () => (await import('./diff.ts')).addDiff,
  },
  {
    name: 'explain',
    summary: 'the reasoning of a verdict in words',
    load: async () => (await import('./explain.ts')).addExplain,
  },
  {
    name: 'export',
    summary: 'write all that the registry keeps as lines of JSON',
    load: async () => (await import('./export.ts')).addExport,
  },
  {
    name: 'import',
    summary: 'put what export wrote into an empty folder or database',
    load: async () => (await import('./import.ts')).addImport,
  },
  {
    name: 'dead-letters',
    summary: 'look at the messages that a consumer group could not take, and send them again',
    load: async () => (await import('./dead-letters.ts')).addDeadLetters,
  },
]

/** Runs a command line, as `process.argv` has it, and answers the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const { run } = await import('./exit.ts')
  return run(await buildProgram(argv), argv)
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const { Command } = await import('commander')
  const program = new Command('concordat')
    .description('Services agree in writing on what crosses the wire, and nobody breaks the agreement unseen.')
    // Options after a command are the command's: its own --version names a service's version.
    .enablePositionalOptions()
    .version(ownVersion(), '--version', "print Concordat's own version")
    .exitOverride()
    .showHelpAfterError()
  for (const { name, summary, load } of COMMANDS) {
    if (argv.includes(name)) (await load())(program)
    else program.command(name).summary(summary)
  }
  return program
}
