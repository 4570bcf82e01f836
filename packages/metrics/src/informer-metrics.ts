import { informerBuckets } from './buckets.ts';
import type { Labels } from './family.ts';
import type { FamilyMaker, Histograms, Numbers } from './family-maker.ts';
import { resourceVersionValue } from './resource-version.ts';

/** What is read of an informer when its figures are asked for; what `@kubeloop/informer` calls `MeasuredInformer`. */
export interface InformerView {
  /** What it is doing. */
  describe(): {
    readonly hasSynced: boolean;
    readonly objects: number;
    readonly handlers: readonly {
      readonly name: string;
      readonly backlog: number;
      readonly errors: number;
    }[];
  };
  /** How many bytes the cached objects have as JSON, estimated. */
  estimateCacheBytes(): number;
}

/** The instruments of one informer; what `@kubeloop/informer` calls `InformerMetrics`. */
export interface InformerInstruments {
  /** The informer can be read from now on. */
  measure(informer: InformerView): void;
  /** The informer is gone: its series are removed. */
  released(): void;
  /** `informer_queued_items`. */
  queuedItems(count: number): void;
  /** `informer_processing_latency_seconds`. */
  processingLatency(seconds: number): void;
  /** `informer_store_resource_version`. */
  storeResourceVersion(resourceVersion: string): void;
}

/** What an informer watches. A `Resource` of `@kubeloop/client` fits. */
export interface WatchedResource {
  /** The API group; empty for the core group. */
  readonly group: string;
  /** The version within the group. */
  readonly version: string;
  /** The plural, as the label `resource` has it. */
  readonly plural: string;
}

type InformerLabel = 'name' | 'group' | 'version' | 'resource';

/** An informer whose figures are counted. */
interface Counted {
  readonly labels: Labels<InformerLabel>;
  view: InformerView | undefined;
}

const labels = ['name', 'group', 'version', 'resource'] as const;

/** For an informer that is not counted. */
const uncounted: Omit<InformerInstruments, 'measure'> = {
  released: () => {},
  queuedItems: () => {},
  processingLatency: () => {},
  storeResourceVersion: () => {},
};

/** The metrics of the informers of a registry. */
export class InformerFamilies {
  readonly #queued: Numbers<InformerLabel>;
  readonly #latency: Histograms<InformerLabel>;
  readonly #version: Numbers<InformerLabel>;
  readonly #counted = new Map<string, Counted>();

  constructor(maker: FamilyMaker) {
    this.#queued = maker.gauge({
      name: 'informer_queued_items',
      help: 'How many events wait between the connection and the cache',
      labels,
    });
    this.#latency = maker.histogram({
      name: 'informer_processing_latency_seconds',
      help: 'How long one event takes to be stored and handed out',
      labels,
      buckets: informerBuckets,
    });
    this.#version = maker.gauge({
      name: 'informer_store_resource_version',
      help: 'The last fifteen digits of the resourceVersion that the cache has reached',
      labels,
    });
    this.#makeRead(maker);
  }

  /**
   * The instruments of one informer. Of several with the same labels only the first is counted, until it is released, as in
   * client-go: otherwise the last one to write would win.
   */
  informer(name: string, { group, version, plural }: WatchedResource): InformerInstruments {
    const own: Counted = { labels: { name, group, version, resource: plural }, view: undefined };
    const id = JSON.stringify(own.labels);
    const measure = (informer: InformerView): void => {
      own.view = informer;
    };
    if (this.#counted.has(id)) return { ...uncounted, measure };
    this.#counted.set(id, own);
    const queued = this.#queued.series(own.labels);
    const latency = this.#latency.series(own.labels);
    const reached = this.#version.series(own.labels);
    return {
      measure,
      released: () => {
        if (this.#counted.get(id) === own) this.#forget(id, own);
      },
      queuedItems: (count) => queued.set(count),
      processingLatency: (seconds) => latency.observe(seconds),
      storeResourceVersion: (resourceVersion) => {
        const value = resourceVersionValue(resourceVersion);
        if (value !== undefined) reached.set(value);
      },
    };
  }

  #forget(id: string, own: Counted): void {
    this.#counted.delete(id);
    this.#queued.remove(own.labels);
    this.#latency.remove(own.labels);
    this.#version.remove(own.labels);
  }

  /** Metrics that are read when they are asked for, so that they are exact and cost nothing meanwhile. */
  #makeRead(maker: FamilyMaker): void {
    const gauge = (name: string, help: string, value: (view: InformerView) => number): void =>
      maker.readNumbers({
        type: 'gauge',
        name,
        help,
        labels,
        read: (series) => this.#each((own, view) => series(own).set(value(view))),
      });
    gauge(
      'kubeloop_informer_synced',
      'Whether the first list is in the cache and was told to every handler',
      (view) => Number(view.describe().hasSynced),
    );
    gauge(
      'kubeloop_informer_cache_objects',
      'How many objects the cache holds',
      (view) => view.describe().objects,
    );
    gauge(
      'kubeloop_informer_cache_bytes',
      'Size of the cached objects as JSON, estimated from some of them; in memory they take more',
      (view) => view.estimateCacheBytes(),
    );
    this.#makeReadOfHandlers(maker, {
      type: 'gauge',
      name: 'kubeloop_informer_handler_backlog',
      help: 'How many keys wait for a handler',
      member: 'backlog',
    });
    this.#makeReadOfHandlers(maker, {
      type: 'counter',
      name: 'kubeloop_informer_handler_errors_total',
      help: 'Calls of a handler that failed',
      member: 'errors',
    });
  }

  /** Handlers of one name are added up. */
  #makeReadOfHandlers(
    maker: FamilyMaker,
    options: {
      readonly type: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly member: 'backlog' | 'errors';
    },
  ): void {
    maker.readNumbers({
      ...options,
      labels: [...labels, 'handler'],
      read: (series) =>
        this.#each((own, view) => {
          for (const handler of view.describe().handlers)
            series({ ...own, handler: handler.name }).inc(handler[options.member]);
        }),
    });
  }

  #each(act: (labels: Labels<InformerLabel>, view: InformerView) => void): void {
    for (const { labels: own, view } of this.#counted.values()) if (view) act(own, view);
  }
}
