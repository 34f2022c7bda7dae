import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { type RedisServer, startRedis } from './redis.ts'
import { waitFor } from './wait-for.ts'

export type RedisCluster = AsyncDisposable & {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
}

const SLOTS = 16_384
const HOST = '127.0.0.1'

/** A cluster of so many masters on loopback, without replicas; each holds an equal share of the slots. */
export async function startRedisCluster(masters: number): Promise<RedisCluster> {
  await using starting = new AsyncDisposableStack()
  const servers: RedisServer[] = []
  const buses: number[] = []
  for (let i = 0; i < masters; i++) {
    const bus = await freePort()
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-announce-ip', HOST]
    // Nodes that have met wait as long before they serve.
    args.push('--cluster-node-timeout', '2000')
    servers.push(starting.use(await startRedis({ args })))
    buses.push(bus)
  }
  const clients = servers.map(({ url }) => new Redis(url))
  starting.defer(() => clients.forEach((client) => client.disconnect()))
  for (const [i, client] of clients.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot(i, masters), firstSlot(i + 1, masters) - 1)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
  }
  for (const [i, { port }] of servers.entries()) await clients[0]?.call('CLUSTER', 'MEET', HOST, port, buses[i] ?? 0)
  for (const client of clients) await waitFor('the cluster to know its nodes', () => isWhole(client, masters), 30_000)
  for (const client of clients) client.disconnect()
  const resources = starting.move()
  return {
    nodes: servers.map(({ port }) => ({ host: HOST, port })),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function firstSlot(master: number, masters: number): number {
  return Math.floor((SLOTS * master) / masters)
}

async function isWhole(client: Redis, masters: number): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${masters}\r`)
}
