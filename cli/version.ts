import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The version of Concordat that runs. */
export function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? 'package.json', 'utf8')) as {
    version: string
  }
  return version
}
