import type { Clock, RateLimiter } from '@kubeloop/ratelimiter';
import type { ConnectionOptions } from 'node:tls';
import type { AmqpQueueMetrics } from './metrics.ts';

/** What the socket to the broker gets beside the url: certificates, and the rest of what Node's `tls.connect` takes. */
export type AmqpTlsOptions = ConnectionOptions;

/** Options of {@link AmqpQueue.open}. All processes that share a queue give the same `name`, `partitions` and `takeoverGraceMs`. */
export interface AmqpQueueOptions {
  /** What the queue is called: letters, digits, `-`, `_` and `.`, at most 100 of them. Part of the names at the broker. */
  readonly name: string;
  /** `amqp://` or `amqps://`; of several, all nodes of one cluster, they are tried in order, for ever once the first connection was made. */
  readonly urls: string | readonly string[];
  /** How many owners the keys can be shared out to: 1 to 64, default 16. Can never be changed for a name: take a new name and drain the old one. */
  readonly partitions?: number | undefined;
  /** How soon a dead connection is noticed, in milliseconds, whole seconds; default 10,000. The broker gives work to others after twice this time. */
  readonly heartbeatMs?: number | undefined;
  /**
   * How long keys are held back that another process may still be working on, in milliseconds; default twice `heartbeatMs`. Zero:
   * not at all, and two processes work on one key at a time whenever a connection is cut under a run.
   */
  readonly takeoverGraceMs?: number | undefined;
  /** How many messages of a partition are held here, which is also how far duplicates are seen: 1 to 65,535, default 60,000. */
  readonly window?: number | undefined;
  /** The `consumer_timeout` of the broker, in milliseconds; default 30 minutes. Messages held for half of it are published anew. */
  readonly ackTimeoutMs?: number | undefined;
  /** The delays that the broker keeps, in milliseconds, growing; default 1, 4, 16, 64, 256 and 1024 seconds. What is below the first is held by the owner. */
  readonly delayLevelsMs?: readonly number[] | undefined;
  /** Says how long a failed key waits; default: as `RateLimitingQueue`, 5 ms doubling up to 1000 s, and 10 a second for all in this process. */
  readonly rateLimiter?: RateLimiter<string> | undefined;
  /** How often a key is tried again before it goes to the park queue, where a person looks at it. Default: for ever; zero: never. */
  readonly maxRetries?: number | undefined;
  /** Who this process is; default: host name, process id and something random. No two processes may have the same. */
  readonly identity?: string | undefined;
  /** For `amqps://`, and refused with `amqp://`: certificates and the rest of what Node's `tls.connect` takes. Without it, Node's authorities count, with those of `NODE_EXTRA_CA_CERTS`. */
  readonly tls?: AmqpTlsOptions | undefined;
  /** Where the queue reports to; default: nowhere. */
  readonly metrics?: AmqpQueueMetrics | undefined;
  /** Told of every failure that the queue goes on from, and what was being done. Default: they are counted and not shown. */
  readonly onError?: ((error: unknown, action: string) => void) | undefined;
  /** Where time comes from; default: the process's clock. */
  readonly clock?: Clock | undefined;
  /** Random numbers from 0 up to 1, 1 excluded, for the jitter of reconnects; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}
