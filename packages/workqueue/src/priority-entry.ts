import type { Identity } from '@kubeloop/ratelimiter';
import type { Delay } from './delay-heap.ts';
import type { Link } from './linked-list.ts';
import type { Measured, MeasuredWork } from './meter.ts';
import type { Levelled } from './priority-levels.ts';

/** Work on an item that is under way. */
export class Flight<T> implements Link<Flight<T>>, MeasuredWork {
  /** The item as it was handed out. */
  readonly item: T;
  startedAtMs = 0;
  previous: Flight<T> | undefined;
  next: Flight<T> | undefined;

  constructor(item: T) {
    this.item = item;
  }
}

/** All that a priority queue knows of one item. Forgotten when it is idle and not in flight. */
export class PriorityEntry<T> implements Levelled<PriorityEntry<T>>, Measured {
  readonly identity: Identity;
  /** The item of the newest addition. */
  item: T;
  /** Nothing to do, in a level, or waiting for its time. Independent of being in flight. */
  state: 'idle' | 'ready' | 'delayed' = 'idle';
  priority = 0;
  sinceMs = 0;
  /** Set exactly while the state is `delayed`. */
  delay: Delay<PriorityEntry<T>> | undefined;
  /** Set exactly while a worker has the item; it is not handed out again before. */
  flight: Flight<T> | undefined;
  addedAtMs: number | undefined;
  previous: PriorityEntry<T> | undefined;
  next: PriorityEntry<T> | undefined;

  constructor(identity: Identity, item: T) {
    this.identity = identity;
    this.item = item;
  }
}
