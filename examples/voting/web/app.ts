import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/cast-vote.js': ['cast-vote.js', 'text/javascript; charset=utf-8'],
  '/listen.js': ['listen.js', 'text/javascript; charset=utf-8'],
  '/show.js': ['show.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const

/** Builds the server of the page, whose script asks the vote API at an address. It does not listen yet. */
export async function buildWeb(apiUrl: string): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify()
  const headers = headersFor(apiUrl)
  app.addHook('onRequest', (_request, reply, done) => done(void reply.headers(headers)))
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const text = (await readFile(join(import.meta.dirname, 'page', file), 'utf8')).replace('{{api-url}}', apiUrl)
    const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
    app.get(path, (request, reply) => {
      reply.headers({ etag, 'cache-control': 'no-cache' })
      return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(text)
    })
  }
  app.get('/health', () => ({ status: 'alive' }))
  return app
}

/** The page runs and loads what comes from here, and asks nobody but the vote API. */
function headersFor(apiUrl: string) {
  const allowed = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${apiUrl}`,
  ]
  const refused = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
  return {
    'content-security-policy': [...allowed, ...refused].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}
