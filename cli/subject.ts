import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { ServiceVersion } from './api/answers.ts'
import { findConfig } from './config/config.ts'
import { findWorkTree, type WorkTree } from './git.ts'
import { wrongUsage } from './refused.ts'
import { readCliSettings } from './settings.ts'

/** What a command takes that speaks of one version of a service. */
export type VersionOptions = { readonly config?: string; readonly service?: string; readonly version?: string }

export function addVersionOptions(command: Command): Command {
  return addServiceOptions(command).option('--version <version>', 'its version (else the commit that is checked out)')
}

export function addServiceOptions(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration (else concordat.config.ts or concordat.json in this folder)')
    .option('--service <name>', "the service (else the configuration's)")
}

/** The version that the options name, or else the configuration and git. */
export async function findVersion(options: VersionOptions): Promise<ServiceVersion> {
  const [service, version] = await Promise.all([findService(options), versionOf(options)])
  return { service, version }
}

/** The service that is named, or else the configuration's. */
export async function findService({ config, service }: VersionOptions): Promise<string> {
  if (service !== undefined) return service
  const { loadConfig } = await import('./config/config.ts')
  return (await loadConfig(findConfig(config))).service
}

/** The version that is named, or else the commit that is checked out; a change that it does not hold is told. */
export async function versionOf(
  { version, config }: VersionOptions,
  find: () => Promise<WorkTree | undefined> = () => findWorkTree(folderOf(config)),
): Promise<string> {
  if (version !== undefined) return version
  const found = await find()
  if (found === undefined)
    throw wrongUsage('version.missing', 'There is no commit here that could name the version: say --version.')
  if (found.isDirty)
    console.error(
      `Note: the working copy has changes that the commit ${found.sha} does not hold; it names the version.`,
    )
  return found.sha
}

/** The branch that is named, or else git's, or else the one that the CI says it builds. */
export function branchOf(named: string | undefined, workTree: WorkTree | undefined): string | undefined {
  return named ?? workTree?.branch ?? readCliSettings().branch
}

/** The folder in which the configuration lies. */
export function folderOf(config: string | undefined): string {
  return config === undefined ? process.cwd() : dirname(config)
}
