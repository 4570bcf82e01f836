import type { Histogram } from 'prom-client';

/** Label values of one series. */
export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** Shows a histogram's series before anything is observed. What was observed under the same labels stays. */
export class Zeroed<Label extends string> {
  readonly #histogram: Histogram<Label>;
  readonly #shown = new Set<string>();

  constructor(histogram: Histogram<Label>) {
    this.#histogram = histogram;
  }

  /** The series, shown from now on. */
  labels(labels: Labels<Label>): { observe(value: number): void } {
    const id = JSON.stringify(labels);
    if (!this.#shown.has(id)) {
      this.#shown.add(id);
      this.#histogram.zero(labels);
    }
    return this.#histogram.labels(labels);
  }

  /** Removes the series. */
  remove(labels: Labels<Label>): void {
    this.#shown.delete(JSON.stringify(labels));
    this.#histogram.remove(labels);
  }
}
