import type { Cluster, Redis } from 'ioredis'

/** The caller's own client of Redis: of one server, or of a cluster. */
export type RedisClient = Redis | Cluster
