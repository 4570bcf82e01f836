import type { EventObject } from './event-object.ts';
import { microTime } from './event-object.ts';

/** One event and how often it has happened since. */
export class EventSeries {
  /** The event as it was the first time. */
  readonly event: EventObject;
  readonly key: string;
  /** Whether the server has it. */
  isCreated = false;
  /** Whether it waits to be written, or is being written. */
  state: 'idle' | 'waiting' | 'writing' = 'idle';
  /** Whether it is to be written once more when the present write has ended. */
  isWantedAgain = false;
  #count = 1;
  #lastTime: Date;
  #lastMs: number;
  #writtenCount = 0;
  #writtenMs: number;

  constructor(event: EventObject, key: string, time: Date, nowMs: number) {
    this.event = event;
    this.key = key;
    this.#lastTime = time;
    this.#lastMs = nowMs;
    this.#writtenMs = nowMs;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether it has happened since it was written last. */
  get isBehind(): boolean {
    return this.#writtenCount < this.#count;
  }

  /** How long it has not happened. */
  silentMs(nowMs: number): number {
    return nowMs - this.#lastMs;
  }

  /** How long ago it was written, or first happened. */
  unwrittenMs(nowMs: number): number {
    return nowMs - this.#writtenMs;
  }

  /** It has happened again. */
  observe(time: Date, nowMs: number): void {
    this.#count += 1;
    this.#lastTime = time;
    this.#lastMs = nowMs;
  }

  /** What the server is to hold now, and what to call when it does. */
  snapshot(): {
    readonly object: EventObject;
    readonly patch: object;
    readonly written: (nowMs: number) => void;
  } {
    const count = this.#count;
    const series = { count, lastObservedTime: microTime(this.#lastTime) };
    return {
      object: count > 1 ? { ...this.event, series } : this.event,
      patch: { series },
      written: (nowMs) => {
        this.isCreated = true;
        this.#writtenCount = count;
        this.#writtenMs = nowMs;
      },
    };
  }
}
