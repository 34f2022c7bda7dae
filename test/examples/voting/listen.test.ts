import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { listen } from '../../../examples/voting/listen.ts'

const anyPort = { host: '127.0.0.1', port: 0, setting: 'VOTES_PORT' }

test('who never ends a request does not keep the server from closing', async () => {
  const app = Fastify()
  app.post('/', () => 'all of it came')
  const { port } = new URL(await listen(app, anyPort, 50))
  const slow = connect(Number(port), '127.0.0.1')
  slow.write('POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n')
  await once(slow, 'data')

  const gone = once(slow, 'close')
  await app.close()
  await gone
  expect(slow.destroyed).toBe(true)
})

test('what is under way is answered first', async () => {
  const app = Fastify()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: done, resolve: finish } = Promise.withResolvers<string>()
  app.get('/', () => {
    begin()
    return done
  })
  const answer = fetch(await listen(app, anyPort))
  await begun
  const closed = app.close()
  finish('answered')
  expect(await (await answer).text()).toBe('answered')
  await closed
})

test('an address that is not of this machine is named', async () => {
  await expect(listen(Fastify(), { ...anyPort, host: '192.0.2.1' })).rejects.toThrow(
    'Nothing can listen on 192.0.2.1 (EADDRNOTAVAIL): choose another address with VOTES_HOST.',
  )
})
