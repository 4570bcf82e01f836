// What users need.
export { type ObjectLike, type ObjectMetaLike, type OwnerReferenceLike } from './object.ts';
export {
  deletionHandlingMetaNamespaceKeyFunc,
  KeyError,
  type KeyFunc,
  metaNamespaceKey,
  metaNamespaceKeyFunc,
  splitMetaNamespaceKey,
} from './key.ts';
export { DeletedFinalStateUnknown } from './tombstone.ts';
export { type StagedReplace, Store, type StoreOptions } from './store.ts';
export { ExpirationStore, type ExpirationStoreOptions } from './expiration-store.ts';
export { type FailedOperation, type StoreOperation, TransactionError } from './transaction.ts';
export { Indexer, type IndexerOptions } from './indexer.ts';
export {
  controllerOwnerUidIndexFunc,
  fieldIndexFunc,
  type Indexers,
  type IndexFunc,
  labelIndexFunc,
  metaNamespaceIndexFunc,
  namespaceIndex,
  ownerUidIndexFunc,
} from './index-functions.ts';
export { Lister, type NamespaceLister } from './lister.ts';
export { everythingSelector, type LabelSelector, nothingSelector } from './label-selector.ts';
export { type LabelOperator, type LabelRequirement, type Labels } from './label-requirement.ts';
export { parseLabelSelector } from './label-selector-parser.ts';
export {
  type LabelSelectorExpression,
  labelSelectorFrom,
  labelSelectorMatches,
  type LabelSelectorObject,
} from './label-selector-object.ts';
export {
  escapeFieldValue,
  type FieldRequirement,
  type FieldSelector,
  parseFieldSelector,
} from './field-selector.ts';
export { SelectorError, type SelectorErrorPlace } from './selector-error.ts';
export { compareResourceVersions } from './resource-version.ts';

// What people building on top need.
export { deepFreeze } from './deep-freeze.ts';
export { type LazyParts, lazyPartsOf } from './lazy-parts.ts';
export { isSameData } from './same-data.ts';
export { type IntakeOptions } from './intake.ts';
export { type StoreMetrics } from './store-metrics.ts';
export {
  type Mutation,
  MutationDetector,
  type MutationDetectorClock,
  type MutationDetectorOptions,
  type MutationDetectorTimer,
} from './mutation-detector.ts';
