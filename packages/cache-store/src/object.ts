/**
 * The smallest shape of a Kubernetes object that a store can hold.
 *
 * Plain literals, deeply read-only types and the generated classes of `@kubernetes/client-node` all fit.
 * Members are optional because they are on the wire; functions that need one say what happens without it.
 */
export interface ObjectLike {
  /** Group and version, such as `apps/v1`; items of a typed list may lack it. */
  readonly apiVersion?: string | undefined;
  /** Kind, such as `Deployment`; items of a typed list may lack it. */
  readonly kind?: string | undefined;
  /** Name, labels, version and the rest of what every object has. */
  readonly metadata?: ObjectMetaLike | undefined;
}

/** The part of `metadata` that caches, selectors and owner lookups read. */
export interface ObjectMetaLike {
  /** Name, unique in its namespace at any time. */
  readonly name?: string | undefined;
  /** Namespace; absent or empty for a cluster-scoped object. */
  readonly namespace?: string | undefined;
  /** Identity in time: a re-created object of the same name has another one. */
  readonly uid?: string | undefined;
  /** Version of the object as the server counts; compare with {@link compareResourceVersions}. */
  readonly resourceVersion?: string | undefined;
  /** Version of the desired state. */
  readonly generation?: number | undefined;
  /** Labels, which label selectors match. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Annotations, which nothing here reads. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** The objects this one belongs to. */
  readonly ownerReferences?: readonly OwnerReferenceLike[] | undefined;
  /** What must happen before the object is really removed. */
  readonly finalizers?: readonly string[] | undefined;
  /** Time of creation; a string on the wire. */
  readonly creationTimestamp?: string | Date | undefined;
  /** Set once deletion was asked for; a string on the wire. */
  readonly deletionTimestamp?: string | Date | undefined;
}

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReferenceLike {
  /** Group and version of the owner. */
  readonly apiVersion: string;
  /** Kind of the owner. */
  readonly kind: string;
  /** Name of the owner, in the namespace of the dependent or cluster-scoped. */
  readonly name: string;
  /** UID of the owner. */
  readonly uid: string;
  /** Whether this owner manages the object; at most one owner does. */
  readonly controller?: boolean | undefined;
  /** Whether foreground deletion of the owner waits for this object. */
  readonly blockOwnerDeletion?: boolean | undefined;
}
