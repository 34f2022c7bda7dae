import { Type } from '@sinclair/typebox'
import { Cluster } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { janitor, producer } from '../../producers/index.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis } from '../support/redis.ts'
import { redisAt } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

const SLOTS = 16_384

/** One node in cluster mode refuses a call whose keys lie in two slots, as three do. */
test('writes, repeats and trims in a cluster, where all keys of a call lie in one slot', async () => {
  const [bus, address] = [String(await freePort()), '127.0.0.1']
  const args = ['--cluster-enabled', 'yes', '--cluster-port', bus, '--cluster-announce-ip', address]
  await using server = await startRedis({ args })
  const node = redisAt(server.url)
  await node.call('CLUSTER', 'ADDSLOTS', ...Array.from({ length: SLOTS }, (_, slot) => slot))
  await waitFor('the cluster', async () => String(await node.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  const cluster = new Cluster([{ host: address, port: server.port }])
  onTestFinished(() => cluster.disconnect())
  for (const name of ['votes', '{votes}:eu', 'a{b}c']) {
    const Votes = stream(name, { n: Type.Integer() })
    await using producing = producer(cluster, Votes, { wait: { replicas: 0, timeoutMs: 10 } })
    await using _ = janitor(cluster, Votes, { onError: (error) => expect.fail(error.message) })
    const ids = await producing.sendBatch([{ n: 1 }, { n: 2 }], { token: 'batch' })
    expect(await producing.sendBatch([{ n: 1 }, { n: 2 }], { token: 'batch' })).toEqual(ids)
    await Promise.all([producing.send({ n: 3 }), producing.send({ n: 4 }, { token: 'own' })])
    expect(await cluster.xlen(name)).toBe(4)
  }
})
