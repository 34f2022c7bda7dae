import { createServer, type Server, type ServerResponse } from 'node:http'
import { type Consumer, consumer } from 'concordat/consumers'
import { createMetrics, type Metrics } from 'concordat/telemetry'
import type { Redis } from 'ioredis'
import { OrdersRead } from './orders-read.contract.ts'

/** Tells `ship` of every order, and answers on `port` whoever asks how that goes. */
export function startShipping(redis: Redis, ship: (orderId: string) => void, port: number): AsyncDisposable {
  const metrics = createMetrics()
  const shipping = consumer(redis, OrdersRead, { group: 'shipping', handle: ({ order_id }) => ship(order_id), metrics })
  const server = serve(shipping, metrics).listen(port)
  return {
    [Symbol.asyncDispose]: async () => {
      await shipping.close()
      server.close()
    },
  }
}

/** For Kubernetes, which restarts what is not alive, and for Prometheus. */
function serve(shipping: Consumer, metrics: Metrics): Server {
  return createServer(({ url }, response) => {
    if (url === '/health') return end(response, shipping.isAlive() ? 200 : 503)
    if (url === '/ready') return end(response, shipping.isReady() ? 200 : 503)
    if (url !== '/metrics') return end(response, 404)
    response.setHeader('content-type', metrics.contentType)
    void metrics.text().then((text) => end(response, 200, text))
  })
}

function end(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status).end(text)
}
