import type { ObjectLike } from '@kubeloop/cache-store';
import {
  controllerOwnerUidIndexFunc,
  DeletedFinalStateUnknown,
  metaNamespaceKey,
} from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import { ignoreNotFound, isConflict, isNotFound } from '@kubeloop/client';
import type { ConsistentResource, InformerSelection } from '@kubeloop/controller';
import { getControllerOf } from '@kubeloop/controller';
import type { SharedInformer } from '@kubeloop/informer';
import { AppliedMemory, isOlder } from './applied-memory.ts';
import { ChildJudge, neverApplied } from './child-judge.ts';
import type { DesiredChild } from './desired-children.ts';
import { conflictNamed } from './field-conflict-error.ts';
import { ForeignObjectError } from './foreign-object-error.ts';
import type { DependentsHost } from './host.ts';
import { dependentLabel, hasMarkers, managedByLabel } from './markers.ts';
import type { ChildOutcome } from './outcome.ts';

/** Name of the index by the uid of the controller. */
const index = 'kubeloop.dev/controller-uid';

/** What a {@link ChildKeeper} is made of. */
export interface ChildKeeperOptions {
  readonly name: string;
  readonly resource: Resource<ObjectLike>;
  readonly selection: InformerSelection | undefined;
  readonly adopt: boolean;
  readonly force: boolean;
  readonly fieldManager: string;
  readonly markers: Readonly<Record<string, string>>;
  readonly host: DependentsHost;
  /** Whether another dependent of this name exists, whose children are not to be taken. */
  readonly isDependent: (name: string) => boolean;
}

/** Whose children, in words too, and how long to go on. */
export interface Family {
  readonly uid: string;
  readonly title: string;
  readonly signal: AbortSignal | undefined;
}

/** A child as it is now, and what was done to it. */
export interface KeptChild {
  readonly object: ObjectLike;
  readonly outcome: ChildOutcome;
}

/** What is to be done about a child: wait for its end, or correct these fields. */
type Verdict = 'ending' | readonly string[];

/** Reads and writes the children of one dependent, of all owners. */
export class ChildKeeper {
  readonly #options: ChildKeeperOptions;
  readonly #informer: SharedInformer<ObjectLike>;
  readonly #children: ConsistentResource<ObjectLike>;
  readonly #memory = new AppliedMemory();
  readonly #judge: ChildJudge;

  constructor(options: ChildKeeperOptions) {
    const { host, resource, selection, fieldManager } = options;
    this.#options = options;
    const indexers = { [index]: controllerOwnerUidIndexFunc };
    this.#informer = host.informerFor(resource, { ...selection, indexers });
    this.#children = host.consistentClient.resource(resource, selection);
    this.#judge = new ChildJudge(this.#memory, { fieldManager, apiVersion: resource.apiVersion });
    const forget = (told: ObjectLike | DeletedFinalStateUnknown<ObjectLike>): void => {
      const object = DeletedFinalStateUnknown.is(told) ? told.obj : told;
      this.#memory.forget(object?.metadata?.uid ?? '');
    };
    this.#informer.addEventHandler({ delete: forget }, { name: `dependent ${options.name}` });
  }

  /**
   * Sees to it that a child is as desired, with no request when the cache shows that it is.
   *
   * The server is asked when the cache lacks the object, because that may be there all the same and an apply would write over
   * it, and when the cache leaves out who owns what.
   */
  async ensure(desired: DesiredChild, family: Family): Promise<KeptChild> {
    const { signal } = family;
    const cached = await this.#at(desired.namespace).get(desired.name, { signal });
    const seen = cached && this.#look(desired, cached, family);
    if (cached && seen && seen !== 'unknown') return this.#settle(desired, cached, seen, family);
    const actual = await this.#ask(desired, family);
    if (actual) {
      const known = this.#look(desired, actual, family);
      const verdict = known === 'unknown' ? [neverApplied] : known;
      return this.#settle(desired, actual, verdict, family);
    }
    return keptAs('created', await this.#apply(desired, undefined, family), desired);
  }

  /** Deletes the children that are not to stay. Those that are still there are returned, whether deleted now or before. */
  async prune(keep: ReadonlySet<string>, family: Family): Promise<readonly KeptChild[]> {
    await this.#informer.waitForSync({ signal: family.signal });
    const pruned: KeptChild[] = [];
    for (const { namespace, name, uid } of this.#known(family.uid)) {
      if (keep.has(metaNamespaceKey(namespace, name))) continue;
      const object = await this.#at(namespace).get(name, { signal: family.signal });
      if (object?.metadata?.uid !== uid) this.#forgetGone(uid);
      else if (this.#isOwn(object, family.uid)) {
        const isEnding = Boolean(object.metadata.deletionTimestamp);
        if (!isEnding) await this.#delete(object, family);
        pruned.push(keptAs(isEnding ? 'ending' : 'deleted', object, { namespace, name }));
      }
    }
    return pruned;
  }

  /** The children that the cache shows, and those that were made and may not be shown yet, each once. */
  #known(ownerUid: string): readonly { namespace: string; name: string; uid: string }[] {
    const cached = this.#informer.indexer
      .byIndex(index, ownerUid)
      .filter((object) => hasMarkers(object.metadata?.labels, this.#options.markers))
      .map(({ metadata: { namespace = '', name = '', uid = '' } = {} }) => ({
        namespace,
        name,
        uid,
      }));
    const uids = new Set(cached.map(({ uid }) => uid));
    return [...cached, ...this.#memory.ofOwner(ownerUid).filter(({ uid }) => !uids.has(uid))];
  }

  #isOwn(object: ObjectLike, ownerUid: string): boolean {
    const isOwned = getControllerOf(object)?.uid === ownerUid;
    return isOwned && hasMarkers(object.metadata?.labels, this.#options.markers);
  }

  /** A cache that has come so far and does not show a child will not show it any more. */
  #forgetGone(uid: string): void {
    const known = this.#memory.get(uid);
    const { lastStoreSyncResourceVersion } = this.#informer;
    if (known && !isOlder(lastStoreSyncResourceVersion, known.resourceVersion))
      this.#memory.forget(uid);
  }

  #at(namespace: string): ConsistentResource<ObjectLike> {
    return namespace === '' ? this.#children : this.#children.namespace(namespace);
  }

  /** What is to be done about an object that is there. @throws ForeignObjectError when it belongs to somebody else */
  #look(desired: DesiredChild, actual: ObjectLike, family: Family): Verdict | 'unknown' {
    this.#checkOwner(desired, actual, family);
    if (actual.metadata?.deletionTimestamp) return 'ending';
    return this.#judge.differences(desired, actual, family.uid);
  }

  async #settle(
    desired: DesiredChild,
    actual: ObjectLike,
    verdict: Verdict,
    family: Family,
  ): Promise<KeptChild> {
    if (verdict === 'ending') return keptAs('ending', actual, desired);
    if (verdict.length === 0) return keptAs('kept', actual, desired);
    return keptAs('updated', await this.#apply(desired, actual, family), desired, verdict);
  }

  async #ask(
    { namespace, name }: DesiredChild,
    { signal }: Family,
  ): Promise<ObjectLike | undefined> {
    const client = this.#options.host.client.resource(this.#options.resource);
    const at = namespace === '' ? client : client.namespace(namespace);
    return ignoreNotFound(at.get(name, signal && { signal }));
  }

  /** @throws ForeignObjectError when a child of this name belongs to somebody else */
  #checkOwner({ key }: DesiredChild, actual: ObjectLike, { uid, title }: Family): void {
    const { name, adopt, fieldManager } = this.#options;
    const controller = getControllerOf(actual);
    const labels = actual.metadata?.labels;
    const maker = labels?.[managedByLabel] === fieldManager ? labels[dependentLabel] : undefined;
    const isTaken = maker !== undefined && maker !== name && this.#options.isDependent(maker);
    if (controller?.uid === uid && !isTaken) return;
    if (controller === undefined && adopt) return;
    let why = `it exists and is not controlled by ${title}; choose another name, or set adopt`;
    if (controller?.uid === uid) why = `dependent "${maker}" has made it`;
    else if (controller)
      why = `it is controlled by ${controller.kind} "${controller.name}" with uid ${controller.uid}, and not by ${title} with uid ${uid}`;
    throw new ForeignObjectError(`Cannot apply ${this.#titleOf(key)}: ${why}`, controller);
  }

  async #apply(
    desired: DesiredChild,
    actual: ObjectLike | undefined,
    { uid: ownerUid, signal }: Family,
  ): Promise<ObjectLike> {
    const { fieldManager } = this.#options;
    // What was made by others in this very moment is not written over: without force that is a conflict, and with the uid too.
    const force = actual !== undefined && this.#options.force;
    const uid = actual?.metadata?.uid;
    const { object } = desired;
    const sent = uid === undefined ? object : { ...object, metadata: { ...object.metadata, uid } };
    try {
      const options = { fieldManager, force, signal };
      const applied = await this.#at(desired.namespace).apply(sent, options);
      this.#judge.applied(desired, applied, ownerUid);
      return applied;
    } catch (error) {
      throw conflictNamed(this.#titleOf(desired.key), error);
    }
  }

  async #delete({ metadata }: ObjectLike, { signal }: Family): Promise<void> {
    const { namespace = '', name = '', uid } = metadata ?? {};
    try {
      const preconditions = { uid };
      const options = { preconditions, propagationPolicy: 'Background', signal } as const;
      await this.#at(namespace).delete(name, options);
    } catch (error) {
      // The object of this uid is gone.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  #titleOf(key: string): string {
    return `${this.#options.resource.kind} "${key}" of dependent "${this.#options.name}"`;
  }
}

function keptAs(
  action: ChildOutcome['action'],
  object: ObjectLike,
  { namespace, name }: Pick<ChildOutcome, 'namespace' | 'name'>,
  differences: readonly string[] = [],
): KeptChild {
  return { object, outcome: { namespace, name, action, differences } };
}
