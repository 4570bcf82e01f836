import type { HistogramSeries, NumberSeries } from './series.ts';

/** The label values of one series. */
export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One sample, as prom-client writes it out. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/**
 * The series of one metric: those that were asked for, and that were not removed. prom-client's own look their series up
 * at each call, which takes many times as long as to count; here whoever counts holds the series.
 */
export class Family<Label extends string, Series extends NumberSeries | HistogramSeries> {
  readonly #names: readonly Label[];
  readonly #make: () => Series;
  readonly #series = new Map<string, { readonly labels: Labels<Label>; readonly series: Series }>();

  /**
   * @param names - the labels
   * @param make - makes a series at zero
   */
  constructor(names: readonly Label[], make: () => Series) {
    this.#names = names;
    this.#make = make;
  }

  /** The series with these labels, the same one each time; it shows from now on. */
  series(labels: Labels<Label>): Series {
    const id = this.#idOf(labels);
    let known = this.#series.get(id);
    if (!known) {
      known = { labels: this.#ordered(labels), series: this.#make() };
      this.#series.set(id, known);
    }
    return known.series;
  }

  /** Removes a series, if there is one. Whoever holds it counts in vain. */
  remove(labels: Labels<Label>): void {
    this.#series.delete(this.#idOf(labels));
  }

  /** All series, in the order in which they were asked for. */
  all(): Iterable<{ readonly labels: Labels<Label>; readonly series: Series }> {
    return this.#series.values();
  }

  /** Makes all series zero. */
  reset(): void {
    for (const { series } of this.#series.values()) series.reset();
  }

  #idOf(labels: Labels<Label>): string {
    return this.#names.map((name) => labels[name]).join('\0');
  }

  #ordered(labels: Labels<Label>): Labels<Label> {
    // Each label has its value.
    return Object.fromEntries(this.#names.map((name) => [name, labels[name]])) as Labels<Label>;
  }
}
