import { Verifier } from '@pact-foundation/pact'

/** What is held against a pact file: the messages that a provider wrote, by description, or its address. */
export type Verification = {
  readonly file: string
  readonly provider: string
  readonly messages?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly url?: string
}

type Messages = NonNullable<Verification['messages']>

// A program of its own, since pact-js's native part prints its report past every logger. Exits 1 when the pact does not hold.
await verify(JSON.parse(process.argv[2] ?? '') as Verification)

async function verify({ file, provider, messages = {}, url }: Verification): Promise<void> {
  const against = url === undefined ? { messageProviders: providersOf(messages) } : { providerBaseUrl: url }
  try {
    await new Verifier({ provider, pactUrls: [file], logLevel: 'error', ...against }).verifyProvider()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}

function providersOf(messages: Messages): Record<string, () => Promise<Messages[string]>> {
  return Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, async () => message]))
}
