import type { ObjectLike } from '@kubeloop/cache-store';
import type { Clock, Timer } from '@kubeloop/ratelimiter';
import { WatchListTimeoutError } from './errors.ts';
import { keyOf } from './key.ts';
import type { EventSink } from './sink.ts';

/** Collects the objects of a streaming list until it is complete. */
export class Collector<T extends ObjectLike> implements EventSink<T> {
  readonly #objects = new Map<string, T>();
  readonly #prepare: (obj: T) => T | undefined;
  readonly #onNew: () => void;

  /**
   * @param prepare - answers the object to keep, or nothing when it is to be skipped
   * @param onNew - is told of each object that was not there before
   */
  constructor(prepare: (obj: T) => T | undefined, onNew: () => void) {
    this.#prepare = prepare;
    this.#onNew = onNew;
  }

  /** What exists at the end, in the order of first appearance. */
  get objects(): readonly T[] {
    return [...this.#objects.values()];
  }

  add(obj: T): void {
    const key = keyOf(obj);
    if (!this.#objects.has(key)) this.#onNew();
    const prepared = this.#prepare(obj);
    if (prepared) this.#objects.set(key, prepared);
  }

  update(obj: T): void {
    this.add(obj);
  }

  delete(obj: T): void {
    this.#objects.delete(keyOf(obj));
  }
}

/** How often the user is told that the end of a streaming list is overdue. Source: client-go's `tools/cache/reflector.go`. */
const warnEveryMs = 10_000;

/** A streaming list that keeps bringing objects may take this many times longer than one that brings none. */
const totalFactor = 4;

/** What an {@link InitialEventsGuard} needs. */
export interface InitialEventsGuardOptions {
  readonly name: string;
  readonly clock: Clock;
  /** How long no new object may come. 0 means for ever. */
  readonly timeoutMs: number;
  /** Is told every ten seconds while nothing comes. */
  readonly onOverdue: (error: Error) => void;
  /** Is told once, when it is time to give up. */
  readonly onTimeout: (error: Error) => void;
}

/**
 * Watches over a streaming list whose end may never come (proxies that swallow bookmarks, servers that ignore
 * `sendInitialEvents`; https://github.com/kubernetes/kubernetes/issues/140890): warns every ten seconds of silence,
 * and gives up when no new object has come for too long or all of it takes too long.
 */
export class InitialEventsGuard {
  readonly #options: InitialEventsGuardOptions;
  readonly #startedAtMs: number;
  #lastEventAtMs: number | undefined;
  #lastNewAtMs: number;
  #warning: Timer | undefined;
  #deadline: Timer | undefined;

  constructor(options: InitialEventsGuardOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.#lastNewAtMs = this.#startedAtMs;
    this.#warnLater();
    if (options.timeoutMs > 0) this.#giveUpLater();
  }

  /** An event has come. */
  sawEvent(): void {
    this.#lastEventAtMs = this.#options.clock.now();
  }

  /** An object has come that was not there before. */
  sawNewObject(): void {
    this.#lastNewAtMs = this.#options.clock.now();
  }

  /** Takes both timers back. */
  stop(): void {
    this.#warning?.cancel();
    this.#deadline?.cancel();
  }

  #warnLater(): void {
    const { clock, name, onOverdue } = this.#options;
    this.#warning = clock.setTimeout(() => {
      // Rounded, because a real timer may fire a fraction of a millisecond early.
      const silentMs = Math.round(clock.now() - (this.#lastEventAtMs ?? this.#startedAtMs));
      if (silentMs >= warnEveryMs) {
        const text = `The streaming list of "${name}" has not ended: nothing has come for ${silentMs} ms`;
        onOverdue(new Error(text));
      }
      this.#warnLater();
    }, warnEveryMs);
  }

  #giveUpLater(): void {
    const { clock, name, timeoutMs, onTimeout } = this.#options;
    const endMs = this.#startedAtMs + totalFactor * timeoutMs;
    const dueMs = Math.min(this.#lastNewAtMs + timeoutMs, endMs);
    this.#deadline = clock.setTimeout(() => {
      const nowMs = clock.now();
      if (nowMs < Math.min(this.#lastNewAtMs + timeoutMs, endMs)) return this.#giveUpLater();
      this.stop();
      const why =
        nowMs >= endMs
          ? `it has not ended after ${Math.round(nowMs - this.#startedAtMs)} ms`
          : `no end and no new object has come for ${Math.round(nowMs - this.#lastNewAtMs)} ms`;
      return onTimeout(new WatchListTimeoutError(name, why));
    }, dueMs - clock.now());
  }
}
