/** The value of one series of a counter or a gauge. */
export class NumberSeries {
  #value = 0;

  /** What it is now. */
  get value(): number {
    return this.#value;
  }

  /** Adds to it. */
  inc(by = 1): void {
    this.#value += by;
  }

  /** Takes one from it. */
  dec(): void {
    this.#value -= 1;
  }

  /** Replaces it. */
  set(value: number): void {
    this.#value = value;
  }

  /** Makes it zero. */
  reset(): void {
    this.#value = 0;
  }
}

/** The values of one series of a histogram. */
export class HistogramSeries {
  readonly #bounds: readonly number[];
  /** How many values are above the bound before and not above the bound of the same place; those above all come last. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds - ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** All values added up. */
  get sum(): number {
    return this.#sum;
  }

  /** How many values are at most as large as each bound, and how many there are at all. */
  get cumulative(): readonly number[] {
    let count = 0;
    return this.#counts.map((each) => (count += each));
  }

  /** Counts a value. */
  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    // The place is within the bounds, of which there are some.
    while (at < bounds.length && value > bounds[at]!) at += 1;
    this.#counts[at]! += 1;
    this.#sum += value;
  }

  /** Forgets all values. */
  reset(): void {
    this.#counts.fill(0);
    this.#sum = 0;
  }
}
