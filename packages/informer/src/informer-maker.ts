import type { ObjectLike } from '@kubeloop/cache-store';
import { WatchListMemory } from '@kubeloop/reflector';
import { handleRejection } from './answers.ts';
import { shown } from './checks.ts';
import type { Clock } from './clock.ts';
import type { TransformFunc } from './event-queue.ts';
import type { InformerForOptions, SharedInformerFactoryOptions } from './factory-options.ts';
import { Gate } from './gate.ts';
import { SharedInformer } from './informer.ts';
import type { ReflectorTuning } from './informer-options.ts';
import { ListLimit } from './list-limit.ts';
import { guardedMetrics, type InformerMetrics } from './metrics.ts';
import { MetricsIdentity } from './metrics-identity.ts';
import type { Place } from './place.ts';
import { namesManagedFields, projecting } from './projection.ts';
import { ErrorReporter, type InformerErrorContext } from './reporter.ts';
import type { InformerClient, InformerResource } from './resource.ts';
import { select, tweaked } from './selection.ts';
import { describe, type Shared } from './sharing.ts';

/** Where the figures of one informer go. */
interface CountedFigures {
  readonly isCounted: boolean;
  readonly metrics?: InformerMetrics | undefined;
  readonly reflectorMetrics?: Pick<ReflectorTuning, 'metrics'> | undefined;
}

/** Makes the informers of a factory, and knows what they have in common. */
export class InformerMaker {
  readonly #client: InformerClient;
  readonly #options: SharedInformerFactoryOptions;
  readonly #clock: Clock;
  readonly #listLimit: ListLimit | undefined;
  /** Whose names are taken. */
  readonly identity: MetricsIdentity;
  readonly #memories = new Map<string, WatchListMemory>();
  readonly #reporter: ErrorReporter;

  /** @throws TypeError when the name of the factory cannot be used; Error when it is in use */
  constructor(client: InformerClient, options: SharedInformerFactoryOptions, clock: Clock) {
    const { maxConcurrentLists: maxConcurrent } = options;
    this.#client = client;
    this.#options = options;
    this.#clock = clock;
    this.#listLimit =
      maxConcurrent === undefined ? undefined : new ListLimit({ maxConcurrent, clock });
    this.#reporter = new ErrorReporter({ onError: options.onError, emit: () => false });
    this.identity = new MetricsIdentity(options.name);
  }

  /** Makes an informer that does not run, and that nobody uses. */
  make<T extends ObjectLike>(
    id: string,
    resource: InformerResource<T>,
    options: InformerForOptions<T> & { readonly place: Place },
  ): Shared {
    const { place, labelSelector, fieldSelector, indexers } = options;
    const { tweakListOptions, keepManagedFields, ...defaults } = this.#options;
    const everywhere = this.#client.resource(resource);
    const isOne = typeof place === 'string' && place !== '';
    const listerWatcher = select(isOne ? everywhere.namespace(place) : everywhere, {
      ...tweaked(tweakListOptions, { labelSelector, fieldSelector }),
      omitManagedFields: !keepManagedFields && !namesManagedFields(resource),
    });
    const name = describe(resource.name, place, options);
    const { isCounted, metrics, reflectorMetrics } = this.#metricsOf(name, resource);
    const resyncPeriodMs = options.resyncPeriodMs ?? defaults.resyncPeriodMs ?? 0;
    // The factory's transform takes any object and, as all transforms must, returns one of the same kind.
    const transform = options.transform ?? (defaults.transform as TransformFunc<T> | undefined);
    const informer = new SharedInformer<T>({
      listerWatcher,
      namespaces: typeof place === 'string' ? undefined : place,
      name,
      indexers,
      transform: projecting(resource, transform),
      resyncPeriodMs,
      freeze: defaults.freeze,
      clock: this.#clock,
      onError: defaults.onError,
      metrics,
      listLimit: this.#listLimit,
      reflector: {
        watchListMemory: this.#memoryOf(resource),
        ...defaults.reflector,
        ...reflectorMetrics,
      },
    });
    const idle = { users: 0, stop: undefined, begun: new Gate(), ended: Promise.resolve() };
    const forgotten = guardedMetrics(metrics, (error) => this.report(error, name, 'metrics'));
    const forget = (): void => forgotten.released?.();
    return { id, informer, transform, resyncPeriodMs, isCounted, forget, ...idle };
  }

  /** Tells of what failed beside an informer. Never throws. */
  report(error: unknown, informer: string, part: InformerErrorContext['part']): void {
    this.#reporter.report(error, { informer, part });
  }

  #metricsOf(name: string, resource: InformerResource<unknown>): CountedFigures {
    const { metricsFor, reflectorMetricsFor } = this.#options;
    const isCounted = Boolean(metricsFor ?? reflectorMetricsFor) && this.identity.reserve(name);
    if (!isCounted) return { isCounted };
    try {
      const reflector = reflectorMetricsFor?.(name, this.identity.name);
      const metrics = metricsFor?.(name, this.identity.name, resource);
      checkInstruments('reflectorMetricsFor', reflector);
      checkInstruments('metricsFor', metrics);
      return { isCounted, metrics, reflectorMetrics: reflector && { metrics: reflector } };
    } catch (error) {
      this.identity.giveBack(name);
      throw error;
    }
  }

  /** Whether the server can stream lists of a kind is found out once for all informers of the kind. */
  #memoryOf({ apiVersion, plural, group }: InformerResource<unknown>): WatchListMemory {
    const id = `${apiVersion}/${plural}.${group}`;
    let memory = this.#memories.get(id);
    if (!memory) {
      memory = new WatchListMemory({ clock: this.#clock });
      this.#memories.set(id, memory);
    }
    return memory;
  }
}

function checkInstruments(from: string, instruments: unknown): void {
  // That it is asynchronous is the failure; what it rejects with comes second.
  const isPromise = handleRejection(instruments, () => {});
  if (instruments === undefined || (!isPromise && isObject(instruments))) return;
  const what = isPromise ? 'a promise' : shown(instruments);
  throw new TypeError(`Cannot use ${what} as answer of ${from}: it must return an object`);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
