import { handleRejection } from './answers.ts';

/** Where the figures of one informer go. All members are optional; they must not throw. */
export interface InformerMetrics {
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
