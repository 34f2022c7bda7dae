import type { Command } from 'commander'
import type { Published } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { type Config, findConfig, loadConfig } from './config/config.ts'
import { refusedAt } from './config/refused-at.ts'
import { findWorkTree } from './git.ts'
import { addRegistryOptions, openApi, type RegistryOptions } from './options.ts'
import { count } from './progress.ts'
import { readCliSettings } from './settings.ts'
import { branchOf, folderOf, versionOf } from './subject.ts'
import { printable, tableOf } from './table.ts'

type PublishOptions = RegistryOptions & {
  readonly config?: string
  readonly version?: string
  readonly branch?: string
  readonly buildUrl?: string
}

export function addPublish(program: Command): void {
  const command = program
    .command('publish')
    .summary("put this version's contracts into the registry")
    .description(
      'Puts all contracts of this version into the registry, at once. Doing it again changes nothing; other contracts for the same version are refused (exit 3), since others may have relied on the first ones.',
    )
    .option('--config <file>', 'the configuration (else concordat.config.ts or concordat.json in this folder)')
    .option('--version <version>', 'the version (else the commit that is checked out)')
    .option('--branch <branch>', "the branch (else git's, else the one that the CI tells)")
    .option('--build-url <url>', 'where the build can be looked at (else what the CI tells)')
  addRegistryOptions(command, 'concordat publish --version "$GIT_SHA" --branch main').action(publish)
}

async function publish({ config: named, ...options }: PublishOptions): Promise<void> {
  const file = findConfig(named)
  const [config, workTree] = await Promise.all([loadConfig(file), findWorkTree(folderOf(file))])
  const version = await versionOf(options, async () => workTree)
  const branch = branchOf(options.branch, workTree)
  const buildUrl = options.buildUrl ?? readCliSettings().buildUrl
  const api = await openApi(options)
  const path = pathTo('services', config.service, 'versions', version, 'contracts')
  const body = { contracts: config.contracts, ...(branch && { branch }), ...(buildUrl && { buildUrl }) }
  const published = await api
    .post<Published>(path, 'contracts', body, { isIdempotent: true })
    .catch((error: unknown) => {
      throw refusedAt(config, error)
    })
  console.log(options.json ? JSON.stringify(published) : tell(published, config))
}

function tell({ service, version, branches, contracts }: Published, config: Config): string {
  const branch = branches.length === 0 ? '' : ` (${branches.join(', ')})`
  const head = `Published ${service} ${version}${branch}: ${count(contracts.length, 'contract')}`
  const origins = new Map(config.contracts.map((contract) => [`${contract.direction} ${contract.channel}`, contract]))
  const rows = contracts.map(({ verb, channel, direction }) => [
    verb,
    printable(channel, 200),
    printable(origins.get(`${direction} ${channel}`)?.origin ?? '', 500),
  ])
  const told = printable(head, 500)
  return rows.length === 0 ? told : `${told}\n${tableOf(['VERB', 'CHANNEL', 'DECLARED IN'], rows)}`
}
