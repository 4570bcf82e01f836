import type { ObjectLike } from '@kubeloop/cache-store';
import type { Apply, Resource } from '@kubeloop/client';
import type { InformerSelection } from '@kubeloop/controller';

/** A dependent that was added: what others stand after, and what its children are asked for with. */
export interface Dependent<T extends ObjectLike = ObjectLike> {
  /** Its name. */
  readonly name: string;
  /** The kind of its children. */
  readonly resource: Resource<T>;
}

/** The actual children of the dependents that a dependent stands after, as this reconcile has found or written them. */
export interface EarlierChildren {
  /**
   * The only or first child, `undefined` without any.
   *
   * @throws TypeError for a dependent that this one does not stand after
   */
  readonly get: <T extends ObjectLike>(dependent: Dependent<T>) => T | undefined;
  /** All children, in the order in which they were desired. @throws TypeError as `get` */
  readonly list: <T extends ObjectLike>(dependent: Dependent<T>) => readonly T[];
}

/** What a dependent is: the children of one kind that an owner has for one purpose. */
export interface DependentOptions<Owner extends ObjectLike, T extends ObjectLike> {
  /** Names it in outcomes and errors, and marks its children; unique, and a valid label value. */
  readonly name: string;
  /** The kind of the children. */
  readonly resource: Resource<T>;
  /**
   * The children as they are to be: one, several or none, each with what matters of it. A pure function of the owner and of
   * earlier children. What is not so is applied; children that are not answered any more are deleted. `apiVersion`, `kind` and
   * namespace default to those of the resource and of the owner; the controller reference and the marks are added.
   */
  readonly desired: (
    owner: Owner,
    earlier: EarlierChildren,
  ) => Apply<NoInfer<T>> | readonly Apply<NoInfer<T>>[] | null | undefined;
  /** Those that must be ready before this one is looked at, as they were added or by name. Default none. */
  readonly after?: readonly (Dependent | string)[] | undefined;
  /**
   * Whether there are to be any children at all. While it is false they are deleted, after those of all dependents that stand
   * after this one. Default: always.
   */
  readonly when?: ((owner: Owner) => boolean) | undefined;
  /** Whether a child does its work, so that what stands after this may go on. Default: as soon as it exists. */
  readonly isReady?: ((child: NoInfer<T>, owner: Owner) => boolean) | undefined;
  /**
   * Whether the children are gone far enough for what this one stands after to be deleted. Default: when none is left in the
   * cache.
   */
  readonly isGone?: ((owner: Owner, remaining: readonly NoInfer<T>[]) => boolean) | undefined;
  /** Whether an object of the name that has no controller becomes the owner's. Default `false`: it is refused. */
  readonly adopt?: boolean | undefined;
  /**
   * Whether fields that another manager owns are taken over where their values differ. Default `true`, as the documentation
   * of server-side apply asks of controllers. When `false`, a `FieldConflictError` says who owns what.
   */
  readonly force?: boolean | undefined;
  /**
   * Whether the kind may be missing: a custom resource that is not installed everywhere. While it is missing the dependent is
   * `absent`, and those after it wait. Its definition is watched, so the owners are reconciled when it comes or goes; that
   * takes the right to list and watch `customresourcedefinitions`. Default `false`: a missing kind keeps the controller from its
   * work.
   */
  readonly optional?: boolean | undefined;
  /** Which objects the informer holds. Default: those of the manager's informer for the resource. */
  readonly selection?: InformerSelection | undefined;
}
