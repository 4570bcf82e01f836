import { countBuckets, requestBuckets, watchBuckets } from './buckets.ts';
import type { FamilyMaker, Histograms, Numbers } from './family-maker.ts';
import { resourceVersionValue } from './resource-version.ts';
import type { NumberSeries } from './series.ts';

/** Why a list was made. */
export type ListReason =
  | 'initial'
  | 'restart'
  | 'expired'
  | 'too-large-version'
  | 'list-failed'
  | 'watch-failed'
  | 'short-watch'
  | 'store-failed'
  | 'periodic';

/** The instruments of one reflector; what `@kubeloop/reflector` calls `ReflectorMetrics`. */
export interface ReflectorInstruments {
  /** A list was handed to the store. */
  listed(list: {
    readonly reason: ListReason;
    readonly items: number;
    readonly durationMs: number;
  }): void;
  /** A watch was asked for. */
  watchOpened(): void;
  /** A watch came to its end. */
  watchEnded(watch: {
    readonly events: number;
    readonly durationMs: number;
    readonly isShort: boolean;
    readonly idleMs: number;
  }): void;
  /** The version up to which the store is complete. */
  resourceVersion(resourceVersion: string): void;
  /** The reflector is gone: its series are removed. */
  released(): void;
}

const labels = ['name'] as const;
const relistReasons: readonly Exclude<ListReason, 'initial'>[] = [
  ...(['restart', 'expired', 'too-large-version', 'list-failed', 'watch-failed'] as const),
  ...(['short-watch', 'store-failed', 'periodic'] as const),
];

/** For a reflector that is not counted. */
const uncounted: ReflectorInstruments = {
  listed: () => {},
  watchOpened: () => {},
  watchEnded: () => {},
  resourceVersion: () => {},
  released: () => {},
};

/** The metrics of the reflectors of a registry. */
export class ReflectorFamilies {
  readonly #lists: Numbers<'name'>;
  readonly #relists: Numbers<'name' | 'reason'>;
  readonly #listDuration: Histograms<'name'>;
  readonly #itemsPerList: Histograms<'name'>;
  readonly #watches: Numbers<'name'>;
  readonly #shortWatches: Numbers<'name'>;
  readonly #watchDuration: Histograms<'name'>;
  readonly #itemsPerWatch: Histograms<'name'>;
  readonly #watchIdle: Histograms<'name'>;
  readonly #version: Numbers<'name'>;
  readonly #counted = new Map<string, ReflectorInstruments>();

  constructor(maker: FamilyMaker) {
    const counter = (name: string, help: string): Numbers<'name'> =>
      maker.counter({ name, help, labels });
    const histogram = (
      name: string,
      help: string,
      buckets: readonly number[],
    ): Histograms<'name'> => maker.histogram({ name, help, labels, buckets });
    this.#lists = counter('reflector_lists_total', 'Lists that were handed to the cache');
    this.#relists = maker.counter({
      name: 'kubeloop_reflector_relists_total',
      help: 'Lists after the first one, by what made them necessary',
      labels: ['name', 'reason'],
    });
    this.#listDuration = histogram(
      'reflector_list_duration_seconds',
      'How long lists take, from the first request to the last object',
      requestBuckets,
    );
    this.#itemsPerList = histogram(
      'reflector_items_per_list',
      'How many objects lists bring',
      countBuckets,
    );
    this.#watches = counter('reflector_watches_total', 'Watches that were asked for');
    this.#shortWatches = counter(
      'reflector_short_watches_total',
      'Watches that ended within a second without an event',
    );
    this.#watchDuration = histogram(
      'reflector_watch_duration_seconds',
      'How long watches last',
      watchBuckets,
    );
    this.#itemsPerWatch = histogram(
      'reflector_items_per_watch',
      'How many events watches bring',
      countBuckets,
    );
    this.#watchIdle = histogram(
      'kubeloop_reflector_watch_idle_seconds',
      'How long nothing had come when a watch ended',
      watchBuckets,
    );
    this.#version = maker.gauge({
      name: 'reflector_last_resource_version',
      help: 'The last fifteen digits of the resourceVersion up to which the cache is complete',
      labels,
    });
  }

  /** The instruments of one reflector. Of several of one name only the first is counted, until it is released. */
  reflector(name: string): ReflectorInstruments {
    if (this.#counted.has(name)) return uncounted;
    const instruments: ReflectorInstruments = {
      ...this.#listInstruments({ name }),
      ...this.#watchInstruments({ name }),
      released: () => {
        if (this.#counted.get(name) === instruments) this.#forget({ name });
      },
    };
    this.#counted.set(name, instruments);
    return instruments;
  }

  /** Removes the series of a reflector, if there are any. */
  release(name: string): void {
    this.#counted.get(name)?.released();
  }

  #listInstruments(own: { readonly name: string }): Pick<ReflectorInstruments, 'listed'> {
    const lists = this.#lists.series(own);
    const duration = this.#listDuration.series(own);
    const itemsPerList = this.#itemsPerList.series(own);
    const relists = new Map<ListReason, NumberSeries>(
      relistReasons.map((reason) => [reason, this.#relists.series({ ...own, reason })]),
    );
    return {
      listed: ({ reason, items, durationMs }) => {
        relists.get(reason)?.inc();
        lists.inc();
        duration.observe(durationMs / 1000);
        itemsPerList.observe(items);
      },
    };
  }

  #watchInstruments(own: {
    readonly name: string;
  }): Pick<ReflectorInstruments, 'watchOpened' | 'watchEnded' | 'resourceVersion'> {
    const watches = this.#watches.series(own);
    const shortWatches = this.#shortWatches.series(own);
    const duration = this.#watchDuration.series(own);
    const itemsPerWatch = this.#itemsPerWatch.series(own);
    const idle = this.#watchIdle.series(own);
    const reached = this.#version.series(own);
    return {
      watchOpened: () => watches.inc(),
      watchEnded: ({ events, durationMs, isShort, idleMs }) => {
        if (isShort) shortWatches.inc();
        duration.observe(durationMs / 1000);
        itemsPerWatch.observe(events);
        idle.observe(idleMs / 1000);
      },
      resourceVersion: (resourceVersion) => {
        const value = resourceVersionValue(resourceVersion);
        if (value !== undefined) reached.set(value);
      },
    };
  }

  #forget(own: { readonly name: string }): void {
    this.#counted.delete(own.name);
    for (const numbers of [this.#lists, this.#watches, this.#shortWatches, this.#version])
      numbers.remove(own);
    for (const reason of relistReasons) this.#relists.remove({ ...own, reason });
    this.#listDuration.remove(own);
    this.#itemsPerList.remove(own);
    this.#watchDuration.remove(own);
    this.#itemsPerWatch.remove(own);
    this.#watchIdle.remove(own);
  }
}
