import type { KubeClient } from '@kubeloop/client';
import type { Clock } from '@kubeloop/ratelimiter';
import { checkLogger } from '../controller-options.ts';
import type { Logger } from '../logger.ts';
import { checkDuration, checkMethods, checkPositiveInteger } from '../option-checks.ts';

/** What an {@link EventRecorder} is made of. */
export interface EventRecorderOptions {
  /** Where events are written; the caller closes it. */
  readonly client: Pick<KubeClient, 'resource'>;
  /** Names the reporting controller: a qualified name such as `greeting` or `example.com/greeting`. */
  readonly name: string;
  /** Names this process among those of the controller. Default: name and host name. Cut to 128 characters. */
  readonly instance?: string | undefined;
  /** How many events may wait to be written; further ones are dropped. Default 1000. */
  readonly queueSize?: number | undefined;
  /** How long `close` goes on writing what waits. Default 2,000. Zero: it gives up at once. */
  readonly flushTimeoutMs?: number | undefined;
  /** Closes the recorder when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Where failures go. Default nowhere, except that the first becomes a warning of the process. */
  readonly logger?: Logger | undefined;
  /** The time of day. Default: the system's. */
  readonly now?: (() => Date) | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 up to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What a recorder has done so far. */
export interface EventCounters {
  /** Events that wait to be written. */
  readonly queued: number;
  /** Calls of the API server that have succeeded. */
  readonly written: number;
  /** Events that there was no place for, or that came after the close. */
  readonly dropped: number;
  /** Events that the spam control has held back. */
  readonly suppressed: number;
  /** Events that were given up after failures. */
  readonly lost: number;
}

/** A qualified name (`IsQualifiedName` in k8s.io/apimachinery): perhaps a domain and `/`, then up to 63 characters. */
const qualifiedName =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;

/** @throws TypeError or RangeError when an option cannot be used */
export function checkRecorderOptions(options: EventRecorderOptions): void {
  checkMethods('this client', options?.client, ['resource']);
  const name: unknown = options.name;
  if (typeof name !== 'string' || !qualifiedName.test(name))
    throw new TypeError(
      `Cannot record events as "${String(name)}": it must be a qualified name, such as greeting or example.com/greeting`,
    );
  if (options.queueSize !== undefined) checkPositiveInteger('queueSize', options.queueSize);
  if (options.flushTimeoutMs !== undefined) checkDuration('flushTimeoutMs', options.flushTimeoutMs);
  checkLogger(options.logger);
}
