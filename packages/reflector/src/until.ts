import { systemClock, type Clock } from '@kubeloop/ratelimiter';
import { checkSignal, settlesInTime } from './abort.ts';
import { WatchStatusError } from './errors.ts';
import type { StatusLike } from './lister-watcher.ts';
import { checkClock, checkOptions, duration, shown } from './checks.ts';
import type { UntilEvent } from './until-conditions.ts';

/** What is waited for: answers whether an event brings it about. What it throws, or rejects with, ends the wait. */
export type UntilCondition<E> = (event: E) => boolean | Promise<boolean>;

/** Options of {@link until}. */
export interface UntilOptions {
  /** Ends the wait, which rejects with the signal’s reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds. Default: for as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** Where time comes from. Default: the process. */
  readonly clock?: Clock | undefined;
}

const mark = Symbol.for('@kubeloop/reflector/UntilTimeoutError');

/** What was waited for has not happened in time. */
export class UntilTimeoutError extends Error {
  /** The name of the class. */
  override readonly name: string = 'UntilTimeoutError';
  /** The event read last; `undefined` when there was none. */
  readonly lastEvent: unknown;

  /**
   * @param message - what was waited for, and how long
   * @param lastEvent - the event read last
   */
  constructor(message: string, lastEvent: unknown) {
    super(message);
    Object.defineProperty(this, mark, { value: true });
    this.lastEvent = lastEvent;
  }

  /** Whether a value is such an error, from whichever copy of this package. */
  static is(value: unknown): value is UntilTimeoutError {
    return typeof value === 'object' && value !== null && mark in value;
  }
}

/**
 * Reads events until each condition has been met, one after the other, and resolves with the event that met the last one.
 * That event may meet several: each condition is first asked about the event that met the one before.
 *
 * Bookmarks are passed over. The events are closed in any case, also while one is waited for; that is waited for at most a second.
 *
 * @returns the event; `undefined` when there are no conditions, and then nothing is read
 * @throws {@link UntilTimeoutError} when the time is up; {@link WatchStatusError} after an `ERROR` event; what the events,
 * a condition or the signal bring; Error when the events end; TypeError and RangeError for events, conditions and options
 * that cannot be used
 *
 * @example
 * ```ts no-run
 * const { metadata } = await client.resource(pods).namespace('a').list();
 * const watcher = new RetryWatcher({ listerWatcher: client.resource(pods).namespace('a'), ...metadata });
 * await until(watcher, [hasCondition('Ready'), isDeleted], { timeoutMs: 60_000 });
 * ```
 */
export async function until<E extends UntilEvent>(
  events: AsyncIterable<E>,
  conditions: readonly UntilCondition<E>[],
  options: UntilOptions = {},
): Promise<E | undefined> {
  checkUntil(events, conditions, options);
  const { signal, timeoutMs, clock = systemClock } = options;
  if (signal !== undefined) checkSignal('Cannot wait for events', signal);
  if (timeoutMs !== undefined) duration('timeoutMs', timeoutMs);
  const progress: Progress<E> = { met: 0, last: undefined, isOver: false };
  signal?.throwIfAborted();
  if (conditions.length === 0) return undefined;
  const iterator = events[Symbol.asyncIterator]();
  const given = Promise.withResolvers<never>();
  const onAbort = (): void => given.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.setTimeout(() => given.reject(timedOut(timeoutMs, progress, conditions)), timeoutMs);
  try {
    return await Promise.race([read(iterator, conditions, progress), given.promise]);
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
    progress.isOver = true;
    // How it ends does not matter any more, only that it does.
    await settlesInTime((async () => iterator.return?.())(), clock);
  }
}

function checkUntil(events: unknown, conditions: unknown, options: UntilOptions): void {
  if (typeof events !== 'object' || events === null || !(Symbol.asyncIterator in events))
    throw new TypeError(`Cannot wait for events of ${shown(events)}: it is no AsyncIterable`);
  if (!Array.isArray(conditions))
    throw new TypeError(`Cannot wait for ${shown(conditions)}: give a list of conditions`);
  for (const [index, condition] of conditions.entries())
    if (typeof condition !== 'function')
      throw new TypeError(
        `Cannot wait for condition ${index + 1}, ${shown(condition)}: it must be a function`,
      );
  checkOptions('Cannot wait for events', options);
  checkClock(options.clock);
}

/** How far a wait has got. */
interface Progress<E> {
  met: number;
  last: E | undefined;
  /** Nobody waits any more. */
  isOver: boolean;
}

async function read<E extends UntilEvent>(
  iterator: AsyncIterator<E>,
  conditions: readonly UntilCondition<E>[],
  progress: Progress<E>,
): Promise<E> {
  for (;;) {
    const { done, value: event } = await iterator.next();
    if (done)
      throw new Error(`Cannot wait for ${stepOf(progress, conditions)}: the events have ended`);
    // An event of this type has a Status, whatever the others have.
    if (event.type === 'ERROR') throw new WatchStatusError(event.object as StatusLike);
    if (event.type === 'BOOKMARK') continue;
    progress.last = event;
    if (await meets(event, conditions, progress)) return event;
  }
}

/** Asks each condition that is next about the event; whether that was the last. */
async function meets<E>(
  event: E,
  conditions: readonly UntilCondition<E>[],
  progress: Progress<E>,
): Promise<boolean> {
  for (const condition of conditions.slice(progress.met)) {
    if (progress.isOver || !(await condition(event))) return false;
    progress.met += 1;
  }
  return true;
}

function timedOut<E>(
  timeoutMs: number,
  progress: Progress<E>,
  conditions: readonly UntilCondition<E>[],
): Error {
  const step = stepOf(progress, conditions);
  const text = `Cannot wait any longer for ${step}: ${timeoutMs} ms are over`;
  return new UntilTimeoutError(text, progress.last);
}

function stepOf<E>({ met }: Progress<E>, conditions: readonly UntilCondition<E>[]): string {
  const name = conditions[met]?.name;
  return `condition ${met + 1} of ${conditions.length}${name ? ` (${name})` : ''}`;
}
