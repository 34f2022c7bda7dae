import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Tests that need no server: they run without waiting for one. */
const pure = ['test/architecture.test.ts', 'test/contracts/**/*.test.ts', 'test/docs/*.test.ts']

/** Tests that look at the registry from outside, or at parts of it that keep nothing between two tests. */
const registry = ['test/{registry,cli}/**/*.test.ts']

/** `concordat/contracts` and its like are the sources here; the rest is what Vite resolves by on a server. */
const conditions = ['concordat-source', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    // More than there are cores: many tests wait for servers, and for what takes its time.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: {
      PACT_DO_NOT_TRACK: 'true',
      SCARF_ANALYTICS: 'false',
      // For the processes and threads that tests start: what one has compiled, the others need not.
      NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache/compiled'),
    },
    projects: [
      // Nothing that these import remembers anything that a test could see, so that files share it.
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'real',
          include: ['test/**/*.test.ts'],
          exclude: [...pure, ...registry],
          globalSetup: ['test/support/servers.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'registry', include: registry, isolate: false, globalSetup: ['test/support/servers.ts'] },
      },
      {
        extends: true,
        // What the guards promise of lost replies and lost connections, once more with the other client.
        resolve: { alias: { ioredis: 'ioredis5' } },
        test: {
          name: 'ioredis 5',
          include: [
            'test/producers/{exactly-once,faults.property,producer}.test.ts',
            'test/consumers/{batch,faults,reclaim,zero-loss}.test.ts',
            'test/streams/send-again.test.ts',
          ],
          globalSetup: ['test/support/redis-alone.ts'],
        },
      },
    ],
  },
})
