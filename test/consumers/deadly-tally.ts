import { Type } from '@sinclair/typebox'
import { Redis } from 'ioredis'
import { consumer } from '../../consumers/index.ts'
import { stream } from '../../contracts/index.ts'

// A process that the message 13 kills. It ends by itself once a message is parked.
const [url = '', name = ''] = process.argv.slice(2)
const contract = stream(name, { option: Type.String(), timestamp: Type.Integer() })
const deadly = consumer(new Redis(url), contract, {
  group: 'tally',
  consumer: 'deadly',
  blockMs: 100,
  retry: { maxAttempts: 2 },
  handle: ({ timestamp }) => {
    if (timestamp === 13) process.kill(process.pid, 'SIGKILL')
  },
  onParked: () => void deadly.close().then(() => process.exit(0)),
})
