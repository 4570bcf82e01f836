import type { Clock } from '@kubeloop/ratelimiter';
import { systemClock } from '@kubeloop/ratelimiter';
import { checkDuration, checkGiven } from '../option-checks.ts';

/** How {@link Expectations} are kept. */
export interface ExpectationsOptions {
  /** After this time what was expected is given up. Default 300,000, as in Kubernetes (`ExpectationsTimeout`). */
  readonly timeoutMs?: number | undefined;
  /** Default: the clock of the process. */
  readonly clock?: Clock | undefined;
}

/** How many creations and deletions are, or were, expected. */
export interface ExpectedCounts {
  /** Default 0. */
  readonly creations?: number | undefined;
  /** Default 0. */
  readonly deletions?: number | undefined;
}

interface Expectation {
  creations: number;
  deletions: number;
  readonly atMs: number;
}

/**
 * Remembers for each key of a controller how many creations and deletions of its children are still to be seen in the
 * cache, so that it makes none twice; the `ControllerExpectations` of Kubernetes (`pkg/controller/controller_utils.go`).
 *
 * Say what is expected before the calls, count each event of the children, take back what failed, and create or delete
 * children only while `isSatisfied`. For writes through `manager.consistentClient` there is no need for it.
 *
 * @example
 * expectations.expect(key, { creations: 3 });          // before the calls
 * expectations.creationObserved(key);                  // at each child's event, and for each call that failed
 * if (expectations.isSatisfied(key)) { … }             // at the begin of the next reconcile
 */
export class Expectations {
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Expectation>();

  /** @throws RangeError when the timeout is no duration */
  constructor(options: ExpectationsOptions = {}) {
    checkGiven('Cannot make expectations', options);
    const { timeoutMs = 300_000, clock = systemClock } = options;
    checkDuration('timeoutMs', timeoutMs);
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** Sets what is expected for a key from now on, in place of what was. @throws RangeError for what is no count */
  expect(key: string, counts: ExpectedCounts): void {
    const { creations, deletions } = checkCounts(counts);
    this.#byKey.set(key, { creations, deletions, atMs: this.#clock.now() });
  }

  /** Expects more than before; the time goes on. Nothing happens unless something was set. @throws RangeError for what is no count */
  raise(key: string, counts: ExpectedCounts): void {
    this.#change(key, checkCounts(counts), 1);
  }

  /** Expects less than before, say because calls failed. @throws RangeError for what is no count */
  lower(key: string, counts: ExpectedCounts): void {
    this.#change(key, checkCounts(counts), -1);
  }

  /** A child was seen to appear. */
  creationObserved(key: string): void {
    this.lower(key, { creations: 1 });
  }

  /** A child was seen to go. */
  deletionObserved(key: string): void {
    this.lower(key, { deletions: 1 });
  }

  /** Whether all that was expected for a key has been seen, or its time is over, or nothing was expected. */
  isSatisfied(key: string): boolean {
    const expected = this.#byKey.get(key);
    if (!expected) return true;
    if (expected.creations <= 0 && expected.deletions <= 0) return true;
    return this.#clock.now() - expected.atMs > this.#timeoutMs;
  }

  /** What is still expected for a key; below zero when more was seen. `undefined` when nothing was set. */
  get(key: string): Required<ExpectedCounts> | undefined {
    const expected = this.#byKey.get(key);
    return expected && { creations: expected.creations, deletions: expected.deletions };
  }

  /** Forgets a key: call it when its object is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }

  #change(key: string, counts: { creations: number; deletions: number }, sign: 1 | -1): void {
    const expected = this.#byKey.get(key);
    if (!expected) return;
    expected.creations += sign * counts.creations;
    expected.deletions += sign * counts.deletions;
  }
}

function checkCounts({ creations = 0, deletions = 0 }: ExpectedCounts): {
  creations: number;
  deletions: number;
} {
  for (const count of [creations, deletions])
    if (!Number.isSafeInteger(count) || count < 0)
      throw new RangeError(
        `Cannot expect ${String(count)} creations or deletions: it must be a whole number from 0 up`,
      );
  return { creations, deletions };
}
