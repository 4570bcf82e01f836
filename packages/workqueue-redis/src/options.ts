import type { Clock, RateLimiter } from '@kubeloop/ratelimiter';
import type { ConnectionOptions } from 'node:tls';
import type { RedisQueueMetrics } from './metrics.ts';

/** What the socket to the server gets beside the url: certificates, and the rest of what Node's `tls.connect` takes. */
export type RedisTlsOptions = ConnectionOptions;

/** Options of {@link RedisQueue.open}. */
export interface RedisQueueOptions {
  /** What the queue is called: letters, digits, `-`, `_` and `.`, at most 100 of them. Part of the names at the server. */
  readonly name: string;
  /** `redis://` or `rediss://user:password@host:6379/0`; tried for ever once the first connection was made. */
  readonly url: string;
  /**
   * How long a key is kept for a process that is not heard of, in milliseconds, 100 or more; default 30,000. Then others get it. Renewed
   * every third of it, for all keys that are in work, by one call.
   */
  readonly leaseMs?: number | undefined;
  /** Says how long a failed key waits; default: as `RateLimitingQueue`, 5 ms doubling up to 1000 s, and 10 a second for all in this process. */
  readonly rateLimiter?: RateLimiter<string> | undefined;
  /** How often a key is tried again before it is given up, and parked where a person looks at it. Default: for ever; zero: never. */
  readonly maxRetries?: number | undefined;
  /** Who this process is, without white space; default: host name, process id and something random. No two processes may have the same. What a process had in work that ended is there at once for one that comes with its identity. */
  readonly identity?: string | undefined;
  /** For `rediss://`, and refused with `redis://`: certificates and the rest of what Node's `tls.connect` takes. Without it, Node's authorities count, with those of `NODE_EXTRA_CA_CERTS`. */
  readonly tls?: RedisTlsOptions | undefined;
  /** Where the queue reports to; default: nowhere. */
  readonly metrics?: RedisQueueMetrics | undefined;
  /** Told of every failure that the queue goes on from, and what was being done. Default: they are counted and not shown. */
  readonly onError?: ((error: unknown, action: string) => void) | undefined;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
  /** Random numbers from 0 up to 1, 1 excluded, for the jitter of reconnects; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}
