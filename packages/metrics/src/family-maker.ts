import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What every metric has. */
export interface FamilyOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

/** A metric whose values are found out when it is read. */
export interface ReadOptions<Label extends string, Metric> extends FamilyOptions<Label> {
  /** Fills the emptied metric. */
  readonly read: (metric: Metric) => void;
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

  counter<Label extends string>(options: FamilyOptions<Label>): Counter<Label> {
    return this.#admit(options, new Counter(this.#detached(options)));
  }

  gauge<Label extends string>(options: FamilyOptions<Label>): Gauge<Label> {
    return this.#admit(options, new Gauge(this.#detached(options)));
  }

  histogram<Label extends string>(
    options: FamilyOptions<Label> & { readonly buckets: readonly number[] },
  ): Histogram<Label> {
    const buckets = [...options.buckets];
    return this.#admit(options, new Histogram({ ...this.#detached(options), buckets }));
  }

  /** A gauge that is read when it is asked for. */
  readGauge<Label extends string>(options: ReadOptions<Label, Gauge<Label>>): Gauge<Label> {
    const gauge: Gauge<Label> = new Gauge({
      ...this.#detached(options),
      collect: () => {
        gauge.reset();
        options.read(gauge);
      },
    });
    return this.#admit(options, gauge);
  }

  /** A counter that is read when it is asked for. */
  readCounter<Label extends string>(options: ReadOptions<Label, Counter<Label>>): Counter<Label> {
    const counter: Counter<Label> = new Counter({
      ...this.#detached(options),
      collect: () => {
        counter.reset();
        options.read(counter);
      },
    });
    return this.#admit(options, counter);
  }

  /** Without registers, prom-client would take its global registry. */
  #detached<Label extends string>({
    name,
    help,
    labels,
  }: FamilyOptions<Label>): {
    name: string;
    help: string;
    labelNames: Label[];
    registers: [];
  } {
    return { name, help, labelNames: [...labels], registers: [] };
  }

  #admit<Metric extends Counter | Gauge | Histogram>(
    { name }: { readonly name: string },
    metric: Metric,
  ): Metric {
    if (this.#registry.getSingleMetric(name))
      throw new Error(
        `Cannot add metric "${name}" to the registry: it has another one of this name; use another registry`,
      );
    this.#registry.registerMetric(metric);
    this.#made.push(name);
    return metric;
  }
}
