import { listen } from '../listen.ts'
import type { Running } from '../program.ts'
import type { WebSettings } from '../settings.ts'
import { buildWeb } from './app.ts'

/** Starts the server of the page. */
export async function runWeb(settings: WebSettings): Promise<Running & { readonly url: string }> {
  const app = await buildWeb(settings.apiUrl)
  const url = await listen(app, settings)
  return { url, greeting: `The page is at ${url}.`, [Symbol.asyncDispose]: () => app.close() }
}
