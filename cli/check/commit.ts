import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import type { CheckOptions } from '../check.ts'
import { CONFIG_NAMES, type Config, findConfig, loadConfig, loadMovedConfig } from '../config/config.ts'
import { EXIT } from '../exit.ts'
import { extractCommit, findCommit, findWorkTree } from '../git.ts'
import { Refused, wrongUsage } from '../refused.ts'
import { compareContracts } from './compare.ts'

/** Compares the contracts of the working copy with those of another commit, without a registry. */
export async function checkCommit(ref: string, options: CheckOptions): Promise<void> {
  const file = realpathSync(findConfig(options.config))
  const workTree = await findWorkTree(dirname(file))
  if (workTree === undefined)
    throw wrongUsage(
      'git.missing',
      `There is no git repository with a commit around ${file}: --against git: needs one.`,
    )
  const sha = await findCommit(workTree.top, ref)
  await using extracted = await temporaryFolder()
  const tree = await extractCommit(workTree.top, sha, extracted.path)
  const there = join(tree, relative(workTree.top, file))
  const then = configIn(there)
  const [now, before] = await Promise.all([
    loadConfig(file),
    then === undefined ? undefined : loadMovedConfig(then, { from: tree, to: workTree.top }).catch(atCommit(ref)),
  ])
  await tell(now, before, { ref, sha, options })
}

type Commit = { readonly ref: string; readonly sha: string; readonly options: CheckOptions }

async function tell(now: Config, before: Config | undefined, { ref, sha, options }: Commit): Promise<void> {
  const compared = compareContracts(now, before, { ref, policy: options.policy ?? 'as-declared' })
  const [{ reportOfChanges }, { writeReport }] = await Promise.all([
    import('../report/changes.ts'),
    import('../report/write.ts'),
  ])
  const report = reportOfChanges(now.service, compared, ref)
  const answer = {
    answer: report.answer,
    service: now.service,
    against: `git:${ref}`,
    commit: sha,
    summary: report.summary,
  }
  await writeReport(report, { ...answer, contracts: compared }, options)
  process.exitCode = report.answer === 'yes' ? EXIT.yes : EXIT.no
}

/** What is wrong with the files of the commit is not to be looked for in those of the working copy. */
function atCommit(ref: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Refused)) throw error
    throw wrongUsage(error.code, `At ${ref}: ${error.message}`, { details: error.details, cause: error })
  }
}

/** The configuration as it was called then; undefined where there was none. */
function configIn(file: string): string | undefined {
  if (existsSync(file)) return file
  const others = CONFIG_NAMES.map((name) => join(dirname(file), name))
  return others.find((other) => existsSync(other))
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = realpathSync(await mkdtemp(join(tmpdir(), 'concordat-check-')))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
