import { getHeapStatistics } from 'node:v8';
import { systemClock, TokenBucket, type Clock } from '@kubeloop/ratelimiter';
import { http2ByDefault } from './http2-default.ts';
import type { KubeConfigLike } from './kube-config-like.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { ServerOptions } from './server-options.ts';
import type { WarningHandler } from './warnings.ts';

/** How a client behaves, whichever cluster it talks to. */
export interface BehaviourOptions {
  /** How many requests a second may be sent on average, watches included. Default: no limit, since the server's priority and fairness does better. */
  readonly qps?: number | undefined;
  /** How many requests may be sent at once when `qps` is set, 1 or more. Default: twice `qps`, rounded up. */
  readonly burst?: number | undefined;
  /**
   * How often a call is tried again when the server answers 429 or 5xx with a `Retry-After` header, or when a reading
   * call's connection is reset, or answers no ping, before an answer. Zero means never. Default 10, as client-go.
   */
  readonly maxRetries?: number | undefined;
  /**
   * How many bytes one object may have: a watch's line, a list's item, another answer's body. Default 64 MiB:
   * a server stores at most a few MiB of an object, and escapes can make six bytes of one.
   */
  readonly maxObjectBytes?: number | undefined;
  /**
   * How many bytes one answer to a list may have, and 256 more for each of its items. Default: half of the heap that the
   * process may have, since whoever lists again holds the old objects and the new ones.
   */
  readonly maxListBytes?: number | undefined;
  /** How many milliseconds the server may be silent before and within an answer; watches have `idleTimeoutMs` instead. Zero means no limit. Default 300 000. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How many milliseconds an answer may take from its headers to its end, however often some of it arrives; watches may take
   * as long as they like. Zero means no limit. Default 600 000: kube-apiserver itself gives up after 60 000.
   */
  readonly answerTimeoutMs?: number | undefined;
  /** Whether lists may be compressed on the way. Default true, as client-go; the server compresses answers above 128 KiB. */
  readonly gzip?: boolean | undefined;
  /**
   * Whether built-in kinds are asked for as protobuf when they are read. What is got is the same, decoded where it is read and when; servers
   * that do not speak it answer with JSON. Default true.
   */
  readonly protobuf?: boolean | undefined;
  /**
   * Whether a server that offers HTTP/2 is spoken to in it: all calls and watches then share one connection, or a few when the
   * server allows no more on one. A server that does not is spoken to in HTTP/1.1, and so is one behind a SOCKS proxy. Default false.
   */
  readonly http2?: boolean | undefined;
  /** What the client calls itself; up to its first slash it is also the field manager of writes that name none. Default `kubeloop/node-<version>`. */
  readonly userAgent?: string | undefined;
  /**
   * Takes what the server warns of by `Warning` headers, such as deprecated versions and unknown fields: once for each
   * answer that says so, in order, before the call resolves or rejects. It stops nothing when it throws or rejects; that becomes a process
   * warning. Default: they are ignored.
   */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Who is told of requests, their tries and how long they took. Default: nobody. */
  readonly metrics?: RequestMetrics | undefined;
  /**
   * Where time comes from: the time-outs of connections, answers and watches, the waits before tries, the pings and the ages of idle
   * connections, the ages of credentials, and the durations that `metrics` is told. Only probes of TCP and the programs of
   * credential plugins have their own time. Default: the clock of the process.
   */
  readonly clock?: Clock | undefined;
}

/** What {@link KubeClient} takes: a cluster, said directly or by a kubeconfig, and how to behave. */
export type KubeClientOptions = BehaviourOptions &
  (
    | ServerOptions
    | { /** A kubeconfig with its current context. */ readonly kubeConfig: KubeConfigLike }
  );

/** The options with their defaults. */
export interface Behaviour {
  readonly throttle: TokenBucket | undefined;
  readonly maxRetries: number;
  readonly maxObjectBytes: number;
  readonly maxListBytes: number;
  readonly requestTimeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly gzip: boolean;
  readonly protobuf: boolean;
  readonly http2: boolean;
  readonly userAgent: string;
  readonly onWarning: WarningHandler | undefined;
  readonly metrics: RequestMetrics | undefined;
  readonly clock: Clock;
}

/** Fills in defaults. @throws TypeError or RangeError that names the option */
export function behaviourOf(options: BehaviourOptions): Behaviour {
  const clock = options.clock ?? systemClock;
  const { metrics, onWarning, userAgent = `kubeloop/node-${process.versions.node}` } = options;
  if (typeof userAgent !== 'string' || !/^[\x20-\x7e]+$/.test(userAgent))
    throw new TypeError('Cannot use option "userAgent": it must be printable ASCII text');
  if (onWarning !== undefined && typeof onWarning !== 'function')
    throw new TypeError(
      `Cannot use option "onWarning": it is of type ${typeof onWarning}, not a function`,
    );
  return {
    throttle: throttleOf(options, clock),
    maxRetries: checkWhole('maxRetries', options.maxRetries ?? 10),
    maxObjectBytes: checkWhole('maxObjectBytes', options.maxObjectBytes ?? 64 * 1024 * 1024, 1),
    maxListBytes: checkWhole('maxListBytes', options.maxListBytes ?? halfOfHeap(), 1),
    requestTimeoutMs: checkWhole('requestTimeoutMs', options.requestTimeoutMs ?? 300_000),
    answerTimeoutMs: checkWhole('answerTimeoutMs', options.answerTimeoutMs ?? 600_000),
    gzip: checkFlag('gzip', options.gzip) ?? true,
    protobuf: checkFlag('protobuf', options.protobuf) ?? true,
    http2: checkFlag('http2', options.http2) ?? http2ByDefault,
    userAgent,
    onWarning,
    metrics: metrics === undefined ? undefined : checkMetrics(metrics),
    clock,
  };
}

const requestMetricsMembers = [
  'tried',
  'completed',
  'throttled',
  'sent',
  'received',
  'resolved',
] as const;

function checkMetrics(metrics: RequestMetrics): RequestMetrics {
  if (typeof metrics !== 'object' || metrics === null)
    throw new TypeError('Cannot use option "metrics": it must be an object');
  for (const member of requestMetricsMembers) {
    const type = typeof metrics[member];
    if (type !== 'undefined' && type !== 'function')
      throw new TypeError(
        `Cannot use option "metrics": its member "${member}" is of type ${type}, not a function`,
      );
  }
  return metrics;
}

/** V8's limit includes the young generation, three semi-spaces of at most 64 MiB, where nothing stays. */
function halfOfHeap(): number {
  const limit = getHeapStatistics().heap_size_limit;
  return Math.floor(Math.max(limit / 6, (limit - 3 * 64 * 1024 * 1024) / 2));
}

/** A burst of zero would let no request pass, ever. */
function throttleOf({ qps, burst }: BehaviourOptions, clock: Clock): TokenBucket | undefined {
  if (burst !== undefined) checkWhole('burst', burst, 1);
  if (burst !== undefined && qps === undefined)
    throw new TypeError('Cannot use option "burst" without "qps"');
  if (qps === undefined || qps === Infinity) return undefined;
  return new TokenBucket({ qps, burst: burst ?? Math.max(1, Math.ceil(qps * 2)), clock });
}

/** Refuses what is neither true nor false, nor left out. Returns the value. */
export function checkFlag(name: string, value: boolean | undefined): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be true or false`,
    );
  return value;
}

/** Refuses what is not a whole number of at least `least`. Returns the value. */
export function checkWhole(name: string, value: number, least = 0): number {
  if (typeof value !== 'number')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a number`,
    );
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(
      `Cannot use ${value} as ${name}: it must be a whole number, ${least} or more`,
    );
  return value;
}
