import type { Counter, Gauge } from 'prom-client';
import { countBuckets, requestBuckets, watchBuckets } from './buckets.ts';
import type { FamilyMaker } from './family-maker.ts';
import { resourceVersionValue } from './resource-version.ts';
import { Zeroed } from './zeroed-histogram.ts';

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

/** The metrics of the reflectors of a registry. */
export class ReflectorFamilies {
  readonly #lists: Counter<'name'>;
  readonly #relists: Counter<'name' | 'reason'>;
  readonly #listDuration: Zeroed<'name'>;
  readonly #itemsPerList: Zeroed<'name'>;
  readonly #watches: Counter<'name'>;
  readonly #shortWatches: Counter<'name'>;
  readonly #watchDuration: Zeroed<'name'>;
  readonly #itemsPerWatch: Zeroed<'name'>;
  readonly #watchIdle: Zeroed<'name'>;
  readonly #version: Gauge<'name'>;
  readonly #counted = new Map<string, ReflectorInstruments>();

  constructor(maker: FamilyMaker) {
    const counter = (name: string, help: string): Counter<'name'> =>
      maker.counter({ name, help, labels });
    const histogram = (name: string, help: string, buckets: readonly number[]): Zeroed<'name'> =>
      new Zeroed(maker.histogram({ name, help, labels, buckets }));
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
    const isCounted = (): boolean => this.#counted.get(name) === own;
    const own = this.#instrumentsOf(name, isCounted);
    if (this.#counted.has(name)) return own;
    this.#counted.set(name, own);
    for (const counter of [this.#lists, this.#watches, this.#shortWatches])
      counter.inc({ name }, 0);
    for (const reason of relistReasons) this.#relists.inc({ name, reason }, 0);
    for (const histogram of this.#histograms) histogram.labels({ name });
    this.#version.set({ name }, 0);
    return own;
  }

  /** Removes the series of a reflector, if there are any. */
  release(name: string): void {
    this.#counted.get(name)?.released();
  }

  get #histograms(): readonly Zeroed<'name'>[] {
    return [
      this.#listDuration,
      this.#itemsPerList,
      this.#watchDuration,
      this.#itemsPerWatch,
      this.#watchIdle,
    ];
  }

  #instrumentsOf(name: string, isCounted: () => boolean): ReflectorInstruments {
    const label = { name };
    return {
      listed: ({ reason, items, durationMs }) => {
        if (!isCounted()) return;
        this.#lists.inc(label);
        if (reason !== 'initial') this.#relists.inc({ ...label, reason });
        this.#listDuration.labels(label).observe(durationMs / 1000);
        this.#itemsPerList.labels(label).observe(items);
      },
      watchOpened: () => {
        if (isCounted()) this.#watches.inc(label);
      },
      watchEnded: ({ events, durationMs, isShort, idleMs }) => {
        if (!isCounted()) return;
        if (isShort) this.#shortWatches.inc(label);
        this.#watchDuration.labels(label).observe(durationMs / 1000);
        this.#itemsPerWatch.labels(label).observe(events);
        this.#watchIdle.labels(label).observe(idleMs / 1000);
      },
      resourceVersion: (resourceVersion) => {
        const value = resourceVersionValue(resourceVersion);
        if (value !== undefined && isCounted()) this.#version.set(label, value);
      },
      released: () => {
        if (isCounted()) this.#forget(name);
      },
    };
  }

  #forget(name: string): void {
    this.#counted.delete(name);
    for (const counter of [this.#lists, this.#watches, this.#shortWatches])
      counter.remove({ name });
    for (const reason of relistReasons) this.#relists.remove({ name, reason });
    for (const histogram of this.#histograms) histogram.remove({ name });
    this.#version.remove({ name });
  }
}
