import { type DecodedRequest, isJsonType, parseBody, parseQuery } from '../../contracts/index.ts'
import { RequestRefused } from './errors.ts'
import type { WebGuard } from './web-guard.ts'

type Read = Extract<DecodedRequest, { readonly findings?: undefined }> | RequestRefused | undefined

/** Reads and judges a request; undefined where it is for another path. The body is read only where the contract declares one. */
export async function readWebRequest(request: Request, web: WebGuard): Promise<Read> {
  const { guard, match } = web
  const refused = (findings: RequestRefused['findings'], status?: RequestRefused['statusCode']) =>
    new RequestRefused(guard.contract.name, findings, status)
  const { pathname, search } = new URL(request.url)
  const matched = match(pathname)
  if (matched === undefined) return undefined
  const { query, findings } = parseQuery(guard.reads.has('query') ? search.slice(1) : '')
  const illFormed = [...(guard.reads.has('path') ? matched.findings : []), ...findings]
  if (illFormed.length > 0) return refused(illFormed)
  const body = guard.reads.has('body') ? await readBody(request, web.maxBodyBytes) : {}
  if (typeof body === 'number') return refused([], body)
  if (body.findings) return refused(body.findings)
  const headers = guard.reads.has('headers') ? Object.fromEntries(request.headers) : {}
  const decoded = guard.decode({ path: matched.path, query, headers, body: body.value })
  return decoded.findings ? refused(decoded.findings) : decoded
}

type Body = Partial<ReturnType<typeof parseBody>> | 413 | 415

async function readBody(request: Request, limit: number): Promise<Body> {
  const bytes = Number(request.headers.get('content-length') ?? 0) > limit ? undefined : await readBytes(request, limit)
  if (bytes === undefined) return 413
  if (bytes.length === 0) return {}
  const isReadable = !request.headers.has('content-encoding') && isJsonType(request.headers.get('content-type') ?? '')
  return isReadable ? parseBody(bytes) : 415
}

/** The whole body, or undefined as soon as it has more bytes than allowed. */
async function readBytes({ body }: Request, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  // leaving the loop cancels what has not been read
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > limit) return undefined
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)
}
