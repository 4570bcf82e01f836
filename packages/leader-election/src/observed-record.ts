import type { Clock } from '@kubeloop/ratelimiter';
import { recordToLeaseSpec, type LeaderElectionRecord } from './record.ts';

/**
 * The record of the lock as this process has seen it last, and when it saw it change, by its own monotonic clock. No other machine's
 * clock has a say in whether a lease has expired.
 */
export class ObservedRecord {
  readonly #clock: Clock;
  #record: LeaderElectionRecord | undefined;
  /** The text of the record that was read or written last: it has changed when its text has, to the microsecond. */
  #text = '';
  #seenAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The record, or `undefined` before one was seen. */
  get record(): LeaderElectionRecord | undefined {
    return this.#record;
  }

  /** Who holds the lock as far as is known; empty when nobody does. */
  get holder(): string {
    return this.#record?.holderIdentity ?? '';
  }

  /** Since when the record has been as it is, as far as is known. */
  get seenAtMs(): number {
    return this.#seenAtMs;
  }

  /** Takes note of a record that was read. Its time starts over only if it is another than before. */
  see(record: LeaderElectionRecord): void {
    if (this.#record === undefined || textOf(record) !== this.#text) this.set(record);
  }

  /** Takes note of a record that this process has written, now. */
  set(record: LeaderElectionRecord): void {
    this.#record = record;
    this.#text = textOf(record);
    this.#seenAtMs = this.#clock.now();
  }

  /** Whether the holder's lease, by the duration that the holder wrote, has not expired at that time. */
  isValid(nowMs: number): boolean {
    const durationMs = (this.#record?.leaseDurationSeconds ?? 0) * 1_000;
    return this.#seenAtMs + durationMs > nowMs;
  }
}

function textOf(record: LeaderElectionRecord): string {
  // Built by one function, the members always come in the same order.
  return JSON.stringify(recordToLeaseSpec(record));
}
