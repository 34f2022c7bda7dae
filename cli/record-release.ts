import type { Command } from 'commander'
import type { Deployment } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { addRegistryOptions, openApi, type RegistryOptions } from './options.ts'
import { addVersionOptions, findVersion, type VersionOptions } from './subject.ts'
import { printable } from './table.ts'

type ReleaseOptions = RegistryOptions & VersionOptions & { readonly to: string; readonly end?: true }

export function addRecordRelease(program: Command): void {
  const command = addVersionOptions(
    program
      .command('record-release')
      .summary('tell the registry that a version is released in an environment, or no longer is')
      .description(
        'Records that this version can be used in an environment from now on, beside those before it: an app on telephones, a library, a tool. Doing it again changes nothing.',
      ),
  )
    .requiredOption('--to <environment>', 'where it is used')
    .option('--end', 'record that this version is no longer used there')
  addRegistryOptions(
    command,
    'concordat record-release --version 3.1.0 --to production\nconcordat record-release --version 2.0.0 --to production --end',
  ).action(record)
}

async function record(options: ReleaseOptions): Promise<void> {
  const { to, end, json } = options
  const own = await findVersion(options)
  const { service, version } = own
  const api = await openApi(options)
  const answer = end
    ? await api.remove<{ readonly ended: readonly Deployment[] }>(
        pathTo('environments', to, 'releases', service, version),
        'ended',
      )
    : await api.post<{ readonly release: Deployment }>(pathTo('environments', to, 'releases'), 'release', own, {
        isIdempotent: true,
      })
  const words = end ? 'is no longer released in' : 'is released in'
  console.log(json ? JSON.stringify(answer) : printable(`${service} ${version} ${words} ${to}.`, 2000))
}
