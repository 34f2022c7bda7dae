import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, startOn } from './free-port.ts'

test('a port that somebody else took in between is given up for another', async () => {
  const taken = await freePort()
  await listen(taken)
  const ports = [taken, await freePort()]
  const { port } = await startOn(async () => ports.shift() ?? 0, listen)
  expect(port).not.toBe(taken)
})

test('any other failure is not tried again', async () => {
  const starts: number[] = []
  const start = async (port: number) => {
    starts.push(port)
    throw new Error('out of memory')
  }
  await expect(startOn(freePort, start)).rejects.toThrow('out of memory')
  expect(starts).toHaveLength(1)
})

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return server
}
