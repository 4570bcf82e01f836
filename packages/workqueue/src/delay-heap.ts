/** Something that waits for its time. Ended by being cancelled or by becoming ready. */
export interface Delay<E> {
  /** What waits. */
  readonly entry: E;
  /** When it is ready. */
  readonly readyAtMs: number;
  /** Tells those that are ready at the same time apart. */
  readonly sequence: number;
  /** Whether it waits. */
  isLive: boolean;
}

/** How many children a node has. Four lie beside each other in memory, and the heap is half as deep as with two. */
const arity = 4;

/**
 * Delays, of which the one that is ready next can be seen and taken out.
 *
 * Times are kept beside the delays: finding the next of a million looks at some hundred times, and would else read as
 * many objects from all over the memory.
 */
export class DelayHeap<E> {
  readonly #times: number[];
  readonly #delays: Delay<E>[];

  /** @param delays - what is in it at first, in the order of another heap */
  constructor(delays: readonly Delay<E>[] = []) {
    this.#delays = [...delays];
    this.#times = delays.map(({ readyAtMs }) => readyAtMs);
  }

  /** How many there are. */
  get size(): number {
    return this.#delays.length;
  }

  /** The one that is ready next. */
  peek(): Delay<E> | undefined {
    return this.#delays[0];
  }

  /** Puts one in. */
  push(delay: Delay<E>): void {
    const time = delay.readyAtMs;
    let hole = this.#delays.length;
    while (hole > 0) {
      const parent = ((hole - 1) / arity) | 0;
      if (!this.#isAfter(parent, time, delay)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, delay);
  }

  /** Takes out the one that is ready next. */
  pop(): Delay<E> | undefined {
    const top = this.#delays[0];
    const last = this.#delays.pop();
    const time = this.#times.pop();
    if (last === undefined || time === undefined || this.#delays.length === 0) return top;
    let hole = 0;
    for (let child = this.#earliestChild(0); child > 0; child = this.#earliestChild(hole)) {
      if (this.#isAfter(child, time, last)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, time, last);
    return top;
  }

  /** Another heap with the same delays. */
  copy(): DelayHeap<E> {
    return new DelayHeap(this.#delays);
  }

  /** All of them, in no particular order. */
  [Symbol.iterator](): Iterator<Delay<E>> {
    return this.#delays.values();
  }

  /** Zero when there are no children. */
  #earliestChild(parent: number): number {
    const first = parent * arity + 1;
    const end = Math.min(first + arity, this.#delays.length);
    if (first >= end) return 0;
    let earliest = first;
    for (let child = first + 1; child < end; child += 1) {
      // Both are within the heap, which has a time and a delay at every place.
      const time = this.#times[child] as number;
      if (time > (this.#times[earliest] as number)) continue;
      if (this.#isAfter(earliest, time, this.#delays[child] as Delay<E>)) earliest = child;
    }
    return earliest;
  }

  /** Whether what is at a place is ready after `delay`, whose time is `time`. */
  #isAfter(place: number, time: number, delay: Delay<E>): boolean {
    // The place is within the heap.
    const other = this.#times[place] as number;
    if (other !== time) return other > time;
    return (this.#delays[place] as Delay<E>).sequence > delay.sequence;
  }

  #move(from: number, to: number): void {
    // The place is within the heap.
    this.#put(to, this.#times[from] as number, this.#delays[from] as Delay<E>);
  }

  #put(place: number, time: number, delay: Delay<E>): void {
    this.#times[place] = time;
    this.#delays[place] = delay;
  }
}
