import { join } from 'node:path'
import { Pact } from '@pact-foundation/pact'
import { outcomeOf } from './outcome.ts'
import type { Verification } from './pact-verifier.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Parties = { readonly consumer: string; readonly provider: string; readonly description: string }
type Content = Readonly<Record<string, unknown>>
type Call = {
  readonly request: { readonly method: string; readonly path: string; readonly body: Content }
  readonly response: { readonly status: number; readonly body: Content }
}

/** A pact file, in a folder that is gone after the test. */
export type PactFile = Pick<Verification, 'file' | 'provider'>

/** Records a message pact: pact-js hands the example to `take`, and writes the file only when that succeeds. */
export async function recordMessage(
  { description, ...parties }: Parties,
  content: Content,
  take: (example: Readonly<Record<string, string>>) => Promise<void> | void,
): Promise<PactFile> {
  const dir = await temporaryFolder()
  await new Pact({ ...parties, dir, logLevel: 'error' })
    .addAsynchronousInteraction()
    .expectsToReceive(description, (message) => void message.withJSONContent(content))
    .executeTest(async ({ contents }) => take(contents.content as Record<string, string>))
  return fileOf(dir, parties)
}

/** Records an HTTP pact: `call` is given pact-js's mock server, and the file is written only when it asked as expected. */
export async function recordCall(
  { description, ...parties }: Parties,
  { request, response }: Call,
  call: (url: string) => Promise<void>,
): Promise<PactFile> {
  const dir = await temporaryFolder()
  await new Pact({ ...parties, dir, logLevel: 'error', host: '127.0.0.1' })
    .addInteraction()
    .uponReceiving(description)
    .withRequest(request.method, request.path, (builder) => void builder.jsonBody(request.body))
    .willRespondWith(response.status, (builder) => void builder.jsonBody(response.body))
    .executeTest(({ url }) => call(url))
  return fileOf(dir, parties)
}

/** Lets pact-js hold a pact file against a provider; answers whether it holds, and pact-js's report as a person would see it. */
export async function verifyPact(verification: Verification): Promise<{ holds: boolean; report: string }> {
  const program = join(import.meta.dirname, 'pact-verifier.ts')
  const { code, stdout, stderr } = await outcomeOf(process.execPath, [program, JSON.stringify(verification)])
  return { holds: code === 0, report: stdout + stderr }
}

function fileOf(dir: string, { consumer, provider }: Pick<Parties, 'consumer' | 'provider'>): PactFile {
  return { file: join(dir, `${consumer}-${provider}.json`), provider }
}
