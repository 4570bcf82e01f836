// What users need.
export { SharedInformer } from './informer.ts';
export type {
  InformerState,
  NamespaceState,
  ReadonlyIndexer,
  SourceFailure,
} from './informer-state.ts';
export { SharedInformerFactory } from './factory.ts';
export type {
  InformerForOptions,
  ResourceDefaults,
  SharedInformerFactoryOptions,
} from './factory-options.ts';
export { InformerLease } from './lease.ts';
export { NamespaceSet, type NamespaceSetListener } from './namespace-set.ts';
export { projected } from './projection.ts';
export type { KeptPath, PathIn, Projected } from './projected-type.ts';
export { defaultsFor } from './resource-defaults.ts';
export { CacheSyncError, type UnsyncedInformer } from './cache-sync-error.ts';
export type { InformerScope, SelectionOptions, TweakListOptions } from './selection.ts';
export type {
  ReflectorTuning,
  SharedInformerOptions,
  SourceOfNamespaces,
} from './informer-options.ts';
export type { TransformFunc } from './event-queue.ts';
export { filteringHandler } from './filtering-handler.ts';
export type { HandlerErrorContext, ResourceEventHandler } from './events.ts';
export type { HandlerOptions, HandlerRegistration, HandlerState } from './registration.ts';
export { informerChanges } from './informer-changes.ts';
export type { InformerChange, InformerChangesOptions } from './informer-changes.ts';
export { untilWithSync } from './until-with-sync.ts';
export type { UntilWithSyncOptions } from './until-with-sync.ts';
export type { WaitOptions } from './gate.ts';
export type { InformerEventListener, InformerEventName, InformerEvents } from './lifecycle.ts';
export type { InformerErrorContext, InformerErrorHandler } from './reporter.ts';

// What people building on top need.
export type { Clock, Timer } from './clock.ts';
export type { ReflectorLike, ReflectorSettings } from './informer-options.ts';
export { ListLimit, type ListLimitOptions } from './list-limit.ts';
export type { InformerMetrics, MeasuredInformer } from './metrics.ts';
export type { InformerClient, InformerResource, Projection } from './resource.ts';

// What Projected and PathIn are made of.
export type {
  CheckedPath,
  KnownKey,
  PathHead,
  PathRest,
  PathTarget,
  ProjectedMembers,
  ProjectedMetadata,
  ProjectedPart,
  SegmentName,
  WithoutManagedFields,
} from './projected-type.ts';
