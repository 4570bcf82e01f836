import type { Metric, Registry } from 'prom-client';
import { Family, type Labels, type Sample } from './family.ts';
import { HistogramSeries, NumberSeries } from './series.ts';

/** What every metric has. */
export interface FamilyOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** Series of counters and gauges. */
export type Numbers<Label extends string> = Family<Label, NumberSeries>;

/** Series of histograms. */
export type Histograms<Label extends string> = Family<Label, HistogramSeries>;

/** A metric as a registry of prom-client asks for it. */
interface ReadableMetric {
  name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
  readonly buckets?: readonly number[] | undefined;
  readonly aggregator: 'sum';
  reset(): void;
  get(): Promise<unknown>;
}

/** Makes the metrics of one registry: all of them, or none when one of the names is taken. */
export class FamilyMaker {
  readonly #registry: Registry;
  readonly #made: string[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Makes a set of metrics. @throws Error when the registry has one of the names */
  make<T>(families: (maker: this) => T): T {
    try {
      return families(this);
    } catch (error) {
      for (const name of this.#made.splice(0)) this.#registry.removeSingleMetric(name);
      throw error;
    }
  }

  counter<Label extends string>(options: FamilyOptions<Label>): Numbers<Label> {
    return this.#numbers('counter', options);
  }

  gauge<Label extends string>(options: FamilyOptions<Label>): Numbers<Label> {
    return this.#numbers('gauge', options);
  }

  histogram<Label extends string>(
    options: FamilyOptions<Label> & { readonly buckets: readonly number[] },
  ): Histograms<Label> {
    const { buckets, labels } = options;
    const family = new Family(labels, () => new HistogramSeries(buckets));
    const reset = (): void => family.reset();
    const metric = metricOf('histogram', options, {
      samples: () => samplesOf(options, family),
      reset,
    });
    this.#admit({ ...metric, buckets });
    return family;
  }

  /** A gauge or counter whose series are found out when they are asked for. */
  readNumbers<Label extends string>(
    options: FamilyOptions<Label> & {
      readonly type: 'counter' | 'gauge';
      /** Adds to series, all of which were removed before. */
      readonly read: (series: (labels: Labels<Label>) => NumberSeries) => void;
    },
  ): void {
    const samples = (): Sample[] => {
      const family = new Family(options.labels, () => new NumberSeries());
      options.read((labels) => family.series(labels));
      return numbersOf(family);
    };
    this.#admit(metricOf(options.type, options, { samples, reset: () => {} }));
  }

  #numbers<Label extends string>(
    type: 'counter' | 'gauge',
    options: FamilyOptions<Label>,
  ): Numbers<Label> {
    const family = new Family(options.labels, () => new NumberSeries());
    const reset = (): void => family.reset();
    this.#admit(metricOf(type, options, { samples: () => numbersOf(family), reset }));
    return family;
  }

  #admit(metric: ReadableMetric): void {
    const { name } = metric;
    if (this.#registry.getSingleMetric(name))
      throw new Error(
        `Cannot add metric "${name}" to the registry: it has another one of this name; use another registry`,
      );
    // What a registry does with a metric is to ask for its samples, to reset it and to look at its name.
    this.#registry.registerMetric(metric as unknown as Metric);
    this.#made.push(name);
  }
}

/** The name is read late, since a registry in the OpenMetrics format takes `_total` from that of counters. */
function metricOf(
  type: ReadableMetric['type'],
  { name, help, labels }: FamilyOptions<string>,
  source: { readonly samples: () => Sample[]; readonly reset: () => void },
): ReadableMetric {
  return {
    name,
    help,
    type,
    labelNames: labels,
    aggregator: 'sum',
    reset: source.reset,
    get() {
      const values = source.samples();
      return Promise.resolve({ name: this.name, help, type, aggregator: 'sum', values });
    },
  };
}

function numbersOf<Label extends string>(family: Numbers<Label>): Sample[] {
  return Array.from(family.all(), ({ labels, series }) => ({ labels, value: series.value }));
}

function samplesOf<Label extends string>(
  { name, buckets }: { readonly name: string; readonly buckets: readonly number[] },
  family: Histograms<Label>,
): Sample[] {
  const samples: Sample[] = [];
  for (const { labels, series } of family.all()) {
    const { cumulative, sum } = series;
    const of = (metricName: string, value: number, more: Sample['labels'] = {}): void =>
      void samples.push({ metricName, labels: { ...more, ...labels }, value });
    for (const [at, value] of cumulative.entries())
      of(`${name}_bucket`, value, { le: buckets[at] ?? '+Inf' });
    of(`${name}_sum`, sum);
    of(`${name}_count`, cumulative.at(-1) ?? 0);
  }
  return samples;
}
