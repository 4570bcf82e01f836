export { KubeloopMetrics, type KubeloopMetricsOptions } from './kubeloop-metrics.ts';
export { type MetricsAddress, MetricsServer, type MetricsServerOptions } from './metrics-server.ts';
export type { ReadableRegistry } from './exposition.ts';
export type { ControllerInstruments, ReconcileResult } from './controller-metrics.ts';
export type { InformerInstruments, InformerView, WatchedResource } from './informer-metrics.ts';
export type { LeaderElectionInstruments } from './leader-metrics.ts';
export type { QueueInstruments, QueueStyle } from './queue-metrics.ts';
export type { ListReason, ReflectorInstruments } from './reflector-metrics.ts';
export type { RequestBytes, RequestInstruments, RequestTiming } from './request-metrics.ts';
export type {
  AmqpInstruments,
  RedisInstruments,
  SharedQueueInstruments,
} from './shared-queue-metrics.ts';
