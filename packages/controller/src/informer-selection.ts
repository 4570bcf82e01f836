import type { NamespaceSet } from '@kubeloop/informer';

/** Which objects of a resource an informer is for. */
export interface InformerSelection {
  /** Only the objects of one namespace. Default: those of the manager's, or of all. */
  readonly namespace?: string | undefined;
  /** Only the objects of these namespaces, which can change at any time; instead of `namespace`. Default: as for that. */
  readonly namespaces?: NamespaceSet | undefined;
  /** Only objects whose labels fit. Default: those of the manager for the kind, or all. */
  readonly labelSelector?: string | undefined;
  /** Only objects whose fields fit. Default: as for labels. */
  readonly fieldSelector?: string | undefined;
}
