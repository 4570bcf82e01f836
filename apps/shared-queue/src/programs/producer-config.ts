import type { QueueConfig } from './queue-config.ts';

/** What a producer process gets as its argument, in JSON. */
export interface ProducerConfig {
  readonly queue: QueueConfig;
  /** Path of the file for its lines. */
  readonly journal: string;
  /** Adds `<prefix>0` to `<prefix><count - 1>`. */
  readonly keys: { readonly prefix: string; readonly count: number };
  /** Of the choice of keys. */
  readonly seed: number;
  /** A key at random, so many a second, until it is asked to `finish`; without it, each key once, shuffled, as fast as it can. */
  readonly ratePerS?: number;
  /** Adds each key after this many milliseconds; of several numbers, in turn. */
  readonly afterMs?: readonly number[];
  /** Adds each key a second time, the first at once and the last this many milliseconds after its first add; without a rate only. */
  readonly againWithinMs?: number;
}

/** What a producer says when it is asked for `progress`, and at the end of `finish`. */
export interface Progress {
  readonly sent: number;
  readonly confirmed: number;
  readonly refused: number;
  /** When the last confirm came, in milliseconds of `monotonicMs`; 0 before the first. */
  readonly lastConfirmMs: number;
  /** How many publishes the queue has not got confirmed. */
  readonly outbox: number;
}
