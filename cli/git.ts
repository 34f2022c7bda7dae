import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { wrongUsage } from './refused.ts'
import { gitEnvironment } from './settings.ts'

const execute = promisify(execFile)

/** The commit that is checked out where somebody works. */
export type WorkTree = {
  /** The folder that holds the whole of it. */
  readonly top: string
  readonly sha: string
  /** Undefined where a commit is checked out, and no branch. */
  readonly branch: string | undefined
  readonly isDirty: boolean
}

/** Finds the work tree around a folder; undefined where there is no git, no repository, or no commit yet. */
export async function findWorkTree(folder: string): Promise<WorkTree | undefined> {
  const [top, sha, branch, changed] = await Promise.all([
    answerOf(folder, 'rev-parse', '--show-toplevel'),
    answerOf(folder, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    answerOf(folder, 'symbolic-ref', '--short', '--quiet', 'HEAD'),
    answerOf(folder, 'status', '--porcelain', '--untracked-files=normal'),
  ])
  if (!top || !sha) return undefined
  return { top, sha, branch: branch || undefined, isDirty: Boolean(changed) }
}

/** The commit that a name stands for; a name is never taken for an option. */
export async function findCommit(top: string, ref: string): Promise<string> {
  const sha = await answerOf(top, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  if (sha !== undefined && /^[0-9a-f]{40,64}$/.test(sha)) return sha
  throw wrongUsage(
    'git.ref-unknown',
    `git knows no commit "${ref}" here: fetch it (a CI often clones one commit only), or name another.`,
  )
}

/**
 * Writes the files of a commit into a folder. It goes by an index of its own, so that the repository, its index and its
 * hooks have no part in it.
 */
export async function extractCommit(top: string, sha: string, folder: string): Promise<string> {
  const tree = join(folder, 'tree')
  await mkdir(tree)
  const env = { ...gitEnvironment(), GIT_INDEX_FILE: join(folder, 'index') }
  for (const args of [
    ['read-tree', sha],
    ['checkout-index', '--all', '--quiet', `--prefix=${tree}/`],
  ])
    await execute('git', args, { cwd: top, env, maxBuffer: MOST_BYTES }).catch((error: Error) => {
      throw wrongUsage('git.failed', `git cannot write out the commit ${sha} (${error.message.trim()}).`, {
        cause: error,
      })
    })
  return tree
}

const MOST_BYTES = 16 * 1024 * 1024

async function answerOf(cwd: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await execute('git', args, { cwd, env: gitEnvironment(), maxBuffer: MOST_BYTES })
    return stdout.replace(/\n$/, '')
  } catch {
    // No git, no repository, or nothing of that name: what the caller asks is whether there is an answer.
    return undefined
  }
}
