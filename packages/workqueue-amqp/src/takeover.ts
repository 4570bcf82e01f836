import type { Clock } from '@kubeloop/ratelimiter';

/** How far the word of the former owner and the first message may be apart, in milliseconds. */
const believedMs = 1000;

/**
 * Whether another process may still be at the keys of a partition that came to this one.
 *
 * A message that was delivered before may be in work where it was: its key is held back for the grace. Unless the former owner has said
 * just before the first message came that nothing of the partition was under way there, which covers all that it had.
 */
export class Takeover {
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** When the first message of the subscription arrived. */
  #firstMs: number | undefined;
  /** When the former owner gave the partition up in peace. */
  #handedOverMs = -Infinity;
  #untilMs = -Infinity;

  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  /** Whether keys are held back. Who gives the partition up meanwhile makes the next owner begin to wait again. */
  get isWaiting(): boolean {
    return this.#untilMs > this.#clock.now();
  }

  /** Whether the partition was given up in peace, for this process to take it. */
  get isPeaceful(): boolean {
    return Math.abs((this.#firstMs ?? -Infinity) - this.#handedOverMs) <= believedMs;
  }

  /** A message has arrived. */
  arrived(): void {
    this.#firstMs ??= this.#clock.now();
  }

  /** Until when the key of a message that was delivered before is held back; 0: not at all. */
  holdUntil(): number {
    if (this.isPeaceful) return 0;
    this.#untilMs = this.#clock.now() + this.#graceMs;
    return this.#untilMs;
  }

  /** The former owner has given the partition up in peace. Returns whether that is believed of the messages that are here. */
  handOver(): boolean {
    this.#handedOverMs = this.#clock.now();
    if (this.isPeaceful) this.#untilMs = -Infinity;
    return this.isPeaceful;
  }

  /** The subscription has ended. What was said counts for it no longer. */
  end(): void {
    this.#firstMs = undefined;
    this.#handedOverMs = -Infinity;
    this.#untilMs = -Infinity;
  }
}
