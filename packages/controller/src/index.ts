// What users need.
export { Manager } from './manager.ts';
export type {
  ManagerDescription,
  ManagerOptions,
  ManagerState,
  Runnable,
} from './manager-options.ts';
export { Cluster } from './cluster.ts';
export type { ClusterOptions } from './cluster.ts';
export type { ClusterSettings } from './cluster-options.ts';
export type { HealthOptions } from './health/health-options.ts';
export type {
  HealthCheck,
  HealthCheckResult,
  HealthCheckSelection,
  HealthReport,
} from './health/health-checks.ts';
export { setupSignalHandler } from './signal-handler.ts';
export type { SignalHandler, SignalHandlerOptions } from './signal-handler.ts';
export type { ManagerMetrics, ReflectorMetrics } from './manager-metrics.ts';
export type { LeaderElection, LeadershipState } from './leadership.ts';
export type {
  ControllerBuilder,
  OwnsOptions,
  ReadsOptions,
  WatchSourceOptions,
} from './builder.ts';
export type { InformerSelection } from './informer-selection.ts';
export type { ReconcileContext, Reconciler, Request, Result } from './request.ts';
export { requestFor, requestFromKey, requestKey } from './request.ts';
export { isSameQuantity } from './quantity.ts';
export { reconcileIDOf } from './reconcile-id.ts';
export { TerminalError } from './terminal-error.ts';
export { objectReconciler } from './object-reconciler.ts';
export type { Enqueue, EnqueueOptions, EventHandler, MapFunction } from './event-handler.ts';
export { lowPriority } from './event-handler.ts';
export { ownerChain } from './owner-mapping.ts';
export type { OwnerCaches } from './owner-mapping.ts';
export {
  and,
  annotationsChanged,
  generationChanged,
  labelSelectorPredicate,
  labelsChanged,
  not,
  objectPredicate,
  or,
  resourceVersionChanged,
} from './predicates.ts';
export type {
  CreateEvent,
  DeleteEvent,
  GenericEvent,
  Predicate,
  UpdateEvent,
} from './predicates.ts';
export {
  AlreadyOwnedError,
  getControllerOf,
  hasControllerReference,
  hasOwnerReference,
  removeControllerReference,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from './owner-references.ts';
export type { OwnerKind, OwnerReference, SetOwnerReferenceOptions } from './owner-references.ts';
export { changed } from './changed-predicate.ts';
export type { ChangedOptions } from './changed-predicate.ts';
export type { Consistency, ConsistentClient } from './consistency/consistent-client.ts';
export type {
  ConsistentListOptions,
  ConsistentReadOptions,
  ConsistentResource,
} from './consistency/consistent-resource.ts';
export { ConsistencyTimeoutError } from './consistency/consistency-timeout-error.ts';
export type { MissingWrites } from './consistency/consistency-timeout-error.ts';
export { Expectations } from './consistency/expectations.ts';
export type { ExpectationsOptions, ExpectedCounts } from './consistency/expectations.ts';
export { MutationCache } from './consistency/mutation-cache.ts';
export type { MutationCacheOptions, MutationStore } from './consistency/mutation-cache.ts';
export { EventRecorder } from './events/event-recorder.ts';
export type { EventRecorderLike } from './events/event-recorder-like.ts';
export type { EventCounters, EventRecorderOptions } from './events/event-recorder-options.ts';
export type { EventFields } from './events/event-object.ts';
export { applyDeciding } from './apply-conflict-policy.ts';
export type { ApplyClient, ApplyDecidingOptions, ApplyDecision } from './apply-conflict-policy.ts';
export { extractApply } from './apply-extract.ts';
export type { ExtractApplyOptions } from './apply-extract.ts';
export { createOrPatch, createOrUpdate } from './create-or-update.ts';
export type {
  CreateOrUpdateOptions,
  Mutate,
  ObjectName,
  ObjectReader,
  ObjectWriter,
  WriteOutcome,
  WriteResult,
} from './create-or-update-options.ts';
export type { Draft } from './draft.ts';
export { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';
export type { FinalizerClient, FinalizerOptions } from './finalizers.ts';
export {
  findCondition,
  isConditionFalse,
  isConditionTrue,
  removeCondition,
  setCondition,
} from './conditions.ts';
export type { Condition, NewCondition, SetConditionOptions } from './conditions.ts';
export { retryOnConflict } from './retry-on-conflict.ts';
export type { RetryOnConflictOptions } from './retry-on-conflict.ts';
export { fromPino } from './pino.ts';
export type { PinoLike } from './pino.ts';
export { consoleLogger, quietLogger } from './logger.ts';
export type {
  ConsoleLoggerOptions,
  LogConsole,
  LogFields,
  Logger,
  LogLevel,
  LogMethod,
} from './logger.ts';

// What people building on top need.
export { Controller } from './controller.ts';
export type {
  CommonControllerSettings,
  ControllerDescription,
  ControllerOptions,
  ControllerRunOptions,
  ControllerSettings,
  ControllerState,
  QueueState,
} from './controller-options.ts';
export type { ReconcileBarrier } from './consistency/barrier.ts';
export type { ConsistentClientOptions, WatchedResource } from './consistency/consistent-client.ts';
export type { AttachedCluster, ClusterReports } from './cluster.ts';
export type { ControllerHost, ControllerParts } from './controller-host.ts';
export type { CauseType, ReconcileCause, ReconcileCauses } from './causes.ts';
export type { Tracer, TraceSpan, TraceSpanContext, TraceSpanOptions } from './tracer.ts';
export type { RunningReconcile } from './reconcile-run.ts';
export type {
  ControllerMetrics,
  ControllerMetricsProvider,
  ReconcileCounters,
  ReconcileResult,
} from './controller-metrics.ts';
export type { Source, SourceContext, SourceDescription } from './source.ts';
export { InformerSource } from './informer-source.ts';
export type { InformerSourceOptions } from './informer-source.ts';
export { ChannelSource } from './channel-source.ts';
export type { ChannelSourceOptions } from './channel-source.ts';
export { IntervalSource } from './interval-source.ts';
export type { DueRequests, IntervalSourceOptions } from './interval-source.ts';
export { enqueueMapped, enqueueSelf } from './event-handler.ts';
export { ownerRequests } from './owner-mapping.ts';
export type { OwnerMappingOptions, OwnerResource } from './owner-mapping.ts';
