import { Type } from '@sinclair/typebox'
import { Cluster } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { janitor, producer } from '../../producers/index.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'

/** A node of a cluster refuses a call whose keys lie in two slots. */
test('writes, repeats, waits and trims in a cluster, where all keys of a call lie in one slot', async () => {
  await using nodes = await startRedisCluster(3)
  const cluster = new Cluster([...nodes.nodes])
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
