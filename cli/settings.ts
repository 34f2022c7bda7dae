import { findToken } from './api/token.ts'
import { wrongUsage } from './refused.ts'

/** What the environment tells the commands that talk to the registry. */
export type CliSettings = {
  readonly url: string
  /** Sent as a bearer token where it is set. */
  readonly token?: string
  /** The branch that a CI builds; it checks out a commit, so that git knows of none. */
  readonly branch?: string
  /** Where the CI shows this build. */
  readonly buildUrl?: string
}

export const DEFAULT_URL = 'http://127.0.0.1:8081'

/** Where the CIs that we know tell the branch, in the order in which they are asked. */
export const BRANCH_VARIABLES = [
  'GITHUB_HEAD_REF',
  'GITHUB_REF_NAME',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_COMMIT_BRANCH',
  'BUILDKITE_BRANCH',
  'CIRCLE_BRANCH',
  'BRANCH_NAME',
] as const

/** Where they tell the address of the build; GitHub tells it in parts. */
export const BUILD_URL_VARIABLES = ['CI_JOB_URL', 'BUILDKITE_BUILD_URL', 'CIRCLE_BUILD_URL', 'BUILD_URL'] as const

/** Reads what the environment says of the registry and of the build. An empty variable counts as not set. */
export function readCliSettings(env: NodeJS.ProcessEnv = process.env): CliSettings {
  const branch = branchIn(env)
  const buildUrl = firstOf(env, BUILD_URL_VARIABLES) ?? gitHubRun(env)
  const token = tokenIn(env)
  return {
    url: urlIn(env),
    ...(token !== undefined && { token }),
    ...(branch !== undefined && { branch }),
    ...(buildUrl !== undefined && { buildUrl }),
  }
}

/** The registry's address without a slash at its end, or why a text is none. */
export function parseUrl(value: string): { readonly url: string } | { readonly problem: string } {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) return { problem: `must be a URL such as ${DEFAULT_URL}` }
  if (url.username !== '' || url.password !== '')
    return { problem: 'must carry no user and no password: set CONCORDAT_TOKEN' }
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, '') }
}

function urlIn({ CONCORDAT_URL }: NodeJS.ProcessEnv): string {
  const parsed = parseUrl(CONCORDAT_URL || DEFAULT_URL)
  if ('problem' in parsed) throw wrongUsage('setting.invalid', `CONCORDAT_URL ${parsed.problem}.`)
  return parsed.url
}

function tokenIn(env: NodeJS.ProcessEnv): string | undefined {
  const found = findToken(env)
  if ('problem' in found) throw wrongUsage('setting.invalid', found.problem)
  return found.token
}

/** A tag is no branch. */
function branchIn(env: NodeJS.ProcessEnv): string | undefined {
  return firstOf(env, env.GITHUB_REF_TYPE === 'tag' ? BRANCH_VARIABLES.slice(2) : BRANCH_VARIABLES)
}

function firstOf(env: NodeJS.ProcessEnv, names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value)
}

function gitHubRun({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID }: NodeJS.ProcessEnv): string | undefined {
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
}

/** The environment for git: it asks nobody for a password, and takes no lock that others would wait for. */
export function gitEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }
}
