import { handleRejection } from './answers.ts';
import type { InformerState } from './informer-state.ts';

/** What can be read of an informer whenever its figures are asked for. */
export interface MeasuredInformer {
  /** What it is doing, with how many objects are cached and how much waits for each handler. */
  describe(): InformerState;
  /**
   * How many bytes the cached objects have as JSON, estimated from a few dozen of them. Takes some milliseconds when they
   * are new.
   */
  estimateCacheBytes(): number;
}

/** Where the figures of one informer go. All members are optional; they must not throw. */
export interface InformerMetrics {
  /** The informer is made: from now on it can be asked for figures. Called once, before everything else. */
  measure?(informer: MeasuredInformer): void;
  /** The factory has let the informer go, so that nothing more is told and its series can be removed. */
  released?(): void;
  /** How many entries wait between the source and the store (client-go `informer_queued_items`). */
  queuedItems?(count: number): void;
  /** How long one entry took to be stored and told, in seconds (client-go `informer_processing_latency_seconds`). */
  processingLatency?(seconds: number): void;
  /** The version that the store has reached (client-go `informer_store_resource_version`). */
  storeResourceVersion?(resourceVersion: string): void;
  /** How many keys wait for a handler. */
  handlerBacklog?(handler: string, count: number): void;
  /** How many calls of a handler have failed since it was added. */
  handlerErrors?(handler: string, count: number): void;
}

/** The same metrics, which report once per member instead of throwing. */
export function guardedMetrics(
  metrics: InformerMetrics | undefined,
  onError: (error: unknown) => void,
): InformerMetrics {
  if (!metrics) return {};
  const broken = new Set<string>();
  const guard = (name: string, call: () => unknown): void => {
    const failed = (error: unknown): void => {
      if (!broken.has(name)) onError(error);
      broken.add(name);
    };
    try {
      handleRejection(call(), failed);
    } catch (error) {
      failed(error);
    }
  };
  return {
    measure: (informer) => guard('measure', () => metrics.measure?.(informer)),
    released: () => guard('released', () => metrics.released?.()),
    queuedItems: (count) => guard('queuedItems', () => metrics.queuedItems?.(count)),
    processingLatency: (seconds) =>
      guard('processingLatency', () => metrics.processingLatency?.(seconds)),
    storeResourceVersion: (version) =>
      guard('storeResourceVersion', () => metrics.storeResourceVersion?.(version)),
    handlerBacklog: (handler, count) =>
      guard('handlerBacklog', () => metrics.handlerBacklog?.(handler, count)),
    handlerErrors: (handler, count) =>
      guard('handlerErrors', () => metrics.handlerErrors?.(handler, count)),
  };
}
