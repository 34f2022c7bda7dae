import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const voting = join(import.meta.dirname, '..')

/**
 * Makes the working copy of the tally's developer, in a repository of its own, as one finds it before the first compile: it
 * reads `vote`, and nobody has silenced the compiler yet.
 */
export async function makeWorkingCopy(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  const contract = await readFile(join(voting, 'mistake/votes-read.contract.ts'), 'utf8')
  await Promise.all([
    writeFile(join(folder, 'votes-read.contract.ts'), asWritten(contract)),
    copyFile(join(voting, 'mistake/concordat.config.ts'), join(folder, 'concordat.config.ts')),
    copyFile(join(voting, 'tally/votes.written.ts'), join(folder, 'votes.written.ts')),
    writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'tally', private: true, type: 'module' })),
    writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG)),
    symlink(root, join(folder, 'node_modules/concordat')),
    ...['@sinclair', '@types'].map((name) =>
      symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name)),
    ),
  ])
}

function asWritten(contract: string): string {
  return contract
    .replace(/^.*@ts-expect-error.*\n/m, '')
    .replace(/^\/\*\*.*\*\/\n/m, '')
    .replace('../tally/votes.written.ts', './votes.written.ts')
}

const TSCONFIG = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] }
