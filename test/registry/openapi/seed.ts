import type { FastifyInstance } from 'fastify'
import type { Told } from './known.ts'

const OPTION = { type: 'object', properties: { option: { enum: ['cats', 'dogs'] } }, required: ['option'] }
const OPEN = { type: 'object', properties: { option: { type: 'string' } }, required: ['option'] }
const sent = (schema: object) => ({ schemaType: 'JSON', schema: JSON.stringify(schema) })

/** What nobody uses, so that it can be deleted. */
const IDLE = { environment: 'staging', service: 'idle' }

/** What is there when requests come: subjects, services, and what runs where. Some of it may be there already. */
const STATE: readonly (readonly [request: string, body?: unknown, of?: string])[] = [
  ['PUT /api/environments/staging', {}],
  ['PUT /api/services/idle', {}],
  ['PUT /mode', { mode: 'READWRITE' }],
  ['PUT /mode/votes', { mode: null }],
  ['PUT /config', { compatibility: 'NONE', normalize: null, compatibilityGroup: null, defaultMetadata: null }],
  ['PUT /config/votes', { compatibility: 'BACKWARD', compatibilityPolicy: 'AS_DECLARED' }],
  ['POST /subjects/votes/versions', sent(OPTION), 'ids'],
  ['POST /subjects/votes/versions', { ...sent(OPEN), metadata: { properties: { owner: 'kim' } } }, 'ids'],
  ['POST /subjects/polls/versions', sent({ title: 'poll', ...OPEN }), 'ids'],
  ['POST /api/services/vote-api/versions/1/contracts', { branch: 'main', writes: [{ stream: 'votes', schema: OPEN }] }],
  [
    'POST /api/services/vote-api/versions/4f2a91c/contracts',
    { branch: 'main', writes: [{ stream: 'votes', schema: OPTION }] },
  ],
  ['POST /api/services/tally/versions/1/contracts', { branch: 'main', reads: [{ stream: 'votes', schema: OPTION }] }],
  ['POST /api/environments/production/deployments', { service: 'vote-api', version: '4f2a91c', instance: 'eu' }],
  ['POST /api/environments/production/deployments', { service: 'tally', version: '1' }],
  ['POST /api/environments/production/releases', { service: 'vote-api', version: '1' }],
  [
    'POST /api/can-i-deploy',
    { versions: [{ service: 'vote-api', version: '4f2a91c' }], to: 'production', start: true },
    'reservations',
  ],
  [
    'POST /api/overrides',
    { service: 'tally', version: '1', environment: 'production', by: 'kim', reason: 'why not', expiresInSeconds: 60 },
    'overrides',
  ],
  ['POST /api/tokens', { name: 'ci', scopes: ['read', 'publish:tally'] }, 'tokens'],
  ['GET /api/audit?limit=1'],
  ['GET /api/fields?name=option&limit=1'],
  ['GET /api/overrides?limit=1'],
  ['GET /api/channels/stream:votes?limit=1'],
]

/** Makes the state of which the document's examples speak, and answers all that was answered. */
export async function seed(app: FastifyInstance): Promise<Told[]> {
  const answers: Told[] = [{ value: IDLE }]
  for (const [request, payload, of = ''] of STATE) {
    const [method, url = ''] = request.split(' ')
    const { statusCode, payload: text } = await app.inject({
      method: method as 'POST',
      url,
      ...(payload !== undefined && { payload: payload as object }),
    })
    if (statusCode >= 500) throw new Error(`${request} ${statusCode} ${text}`)
    if (statusCode < 300) answers.push({ of, value: JSON.parse(text) })
  }
  return answers
}
