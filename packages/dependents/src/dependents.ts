import { inspect } from 'node:util';
import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import type { ControllerBuilder, InformerSelection } from '@kubeloop/controller';
import { checkOptions, checkSignal, shown } from './checks.ts';
import { ChildKeeper } from './child-keeper.ts';
import type { Dependent, DependentOptions } from './dependent.ts';
import { checkDependent, checkResource } from './dependent-checks.ts';
import { DependentsError } from './dependents-error.ts';
import { DependentGraph } from './graph.ts';
import type { DependentsHost } from './host.ts';
import { KindPresence } from './kind-presence.ts';
import { OptionalKindSource } from './optional-kind-source.ts';
import { checkMarker, markersOf } from './markers.ts';
import type { DependentOutcome, Outcome } from './outcome.ts';
import { outcomeOf } from './outcome.ts';
import type { Declared } from './pass.ts';
import { Pass } from './pass.ts';

/** What {@link Dependents} are made of. */
export interface DependentsOptions<Owner extends ObjectLike> {
  /** Where children are read and written: the manager. */
  readonly manager: DependentsHost;
  /** The kind of the owners. */
  readonly owner: Resource<Owner>;
  /**
   * Under which name fields are owned. It marks the children too, so it must be a valid label value; keep it from release to
   * release, and use it for one set of dependents of a kind.
   */
  readonly fieldManager: string;
  /** How many children of one owner are worked on at the same time. Default 4. */
  readonly concurrency?: number | undefined;
}

/** How long a reconcile may go on. */
export interface ReconcileDependentsOptions {
  /** Ends it. Pass that of the reconcile context. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The children of an owner, declared once for all owners of a kind. `reconcile` makes them so: missing ones are created, those
 * that differ are changed, those that are not desired any more are deleted, and nothing is sent when nothing differs.
 *
 * Add all dependents before the first reconcile. Dependents that do not stand after each other are worked on at the same
 * time; one that fails keeps only those after it from their turn. Nothing runs between reconciles.
 */
export class Dependents<Owner extends ObjectLike> {
  readonly #options: DependentsOptions<Owner>;
  readonly #concurrency: number;
  readonly #graph = new DependentGraph();
  readonly #declared = new Map<string, Declared<Owner>>();
  #isClosed = false;

  /** Starts nothing. @throws TypeError or RangeError for options that cannot work */
  constructor(options: DependentsOptions<Owner>) {
    checkOptions('Cannot make dependents', options);
    const { manager, owner, fieldManager, concurrency = 4 } = options;
    checkResource('the owner', owner);
    if (typeof manager?.informerFor !== 'function')
      throw new TypeError(`Cannot use ${shown(manager)} as manager: it has no informers`);
    checkMarker('fieldManager', fieldManager);
    if (!Number.isSafeInteger(concurrency) || concurrency < 1)
      throw new RangeError(
        `Cannot use ${shown(concurrency)} as concurrency: it must be a whole number from 1 up`,
      );
    this.#options = options;
    this.#concurrency = concurrency;
  }

  /**
   * Adds a dependent.
   *
   * @throws Error for a name that is taken, for a cycle, and after the first reconcile; TypeError or RangeError for options
   * that cannot work, such as children without namespaces of an owner that has one; SelectorError for a selector that
   * cannot be read
   */
  add<T extends ObjectLike>(options: DependentOptions<Owner, T>): Dependent<T> {
    const { owner, fieldManager, manager: host } = this.#options;
    checkDependent(options, owner);
    const { name, resource, selection, adopt = false, force = true, optional = false } = options;
    if (this.#isClosed)
      throw new Error(`Cannot add dependent "${name}": reconciles have begun; add it before`);
    const after = (options.after ?? []).map((each) =>
      typeof each === 'string' ? each : each.name,
    );
    this.#graph.add(name, after);
    const markers = markersOf(fieldManager, name);
    const isDependent = (other: string): boolean => this.#graph.has(other);
    const rest = { selection, adopt, force, fieldManager, markers, host, isDependent };
    const make = (): ChildKeeper => new ChildKeeper({ name, resource, ...rest });
    let made = optional ? undefined : make();
    const keeper = (): ChildKeeper => (made ??= make());
    const presence = optional ? new KindPresence(host, resource) : undefined;
    // Its functions are given children of its own resource only.
    const erased = options as unknown as DependentOptions<Owner, ObjectLike>;
    this.#declared.set(name, { options: erased, keeper, markers, presence });
    return { name, resource };
  }

  /**
   * Lets a controller own the kinds of all children, so that each change of a child leads to a reconcile of its owner.
   *
   * @returns the builder
   * @throws TypeError when this is no builder of a controller
   */
  watchedBy(builder: ControllerBuilder): ControllerBuilder {
    if (typeof builder?.owns !== 'function')
      throw new TypeError(
        `Cannot let ${shown(builder)} watch dependents: give what manager.controller(name).for(resource) returns`,
      );
    const { manager: host, owner } = this.#options;
    const ownerSelection = (): InformerSelection | undefined => builder.primary?.selection;
    const watched: DependentOptions<Owner, ObjectLike>[] = [];
    for (const { options, presence } of this.#declared.values()) {
      if (watched.some((other) => looksAtTheSame(options, other))) continue;
      watched.push(options);
      const { resource, selection } = options;
      if (presence === undefined) builder.owns(resource, selection);
      else
        builder.watchesSource(
          new OptionalKindSource({ host, presence, owner, ownerSelection, resource, selection }),
        );
    }
    return builder;
  }

  /**
   * Brings the children of an owner to their desired state, as far as gates let it, and says how they stand. What is
   * not ready leads to another reconcile when it changes, by {@link watchedBy}.
   *
   * An owner that is being deleted is left alone; for an orderly end see {@link remove}.
   *
   * @throws DependentsError when dependents failed, once all others have had their turn; its `outcome` says what was done
   * @throws the signal's reason, once what was begun has ended; TypeError for an owner without name and uid, or a signal
   * that is none
   */
  async reconcile(owner: Owner, options: ReconcileDependentsOptions = {}): Promise<Outcome> {
    checkCall(options);
    if (!owner?.metadata?.deletionTimestamp) return this.#pass(owner, options, false);
    this.#close();
    const left = (name: string): DependentOutcome => {
      return { name, state: 'left', waitingFor: [], children: [] };
    };
    return outcomeOf(this.#graph.names.map(left));
  }

  /**
   * Deletes all children of an owner, the last first: a dependent's turn comes when those after it are gone. Call it from the
   * owner's finalizer until the outcome is `ready`. Without need for an order leave it to garbage collection.
   *
   * @throws as {@link reconcile}
   */
  async remove(owner: Owner, options: ReconcileDependentsOptions = {}): Promise<Outcome> {
    checkCall(options);
    return this.#pass(owner, options, true);
  }

  async #pass(
    owner: Owner,
    { signal }: ReconcileDependentsOptions,
    isRemoval: boolean,
  ): Promise<Outcome> {
    this.#close();
    const { owner: ownerResource } = this.#options;
    const { namespace, name, uid } = owner?.metadata ?? {};
    if (!isText(name) || !isText(uid))
      throw new TypeError(
        `Cannot reconcile dependents of ${inspect(owner, { depth: 1 })}: an owner has a name and a uid`,
      );
    const title = `${ownerResource.kind} "${namespace ? `${namespace}/` : ''}${name}"`;
    const pass = new Pass({
      owner,
      ownerResource,
      family: { uid, title, signal },
      graph: this.#graph,
      declared: this.#declared,
      concurrency: this.#concurrency,
      isRemoval,
    });
    const dependents = await pass.run();
    const outcome = outcomeOf(dependents);
    if (dependents.some(({ state }) => state === 'failed'))
      throw new DependentsError(title, outcome);
    return outcome;
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#graph.checkComplete();
    this.#isClosed = true;
  }
}

/** Whether the children of two dependents are read from one cache. */
function looksAtTheSame<Owner extends ObjectLike>(
  { resource, selection }: DependentOptions<Owner, ObjectLike>,
  other: DependentOptions<Owner, ObjectLike>,
): boolean {
  return (
    resource.apiVersion === other.resource.apiVersion &&
    resource.plural === other.resource.plural &&
    (['namespace', 'namespaces', 'labelSelector', 'fieldSelector'] as const).every(
      (part) => selection?.[part] === other.selection?.[part],
    )
  );
}

function checkCall(options: ReconcileDependentsOptions): void {
  const action = 'Cannot reconcile dependents';
  checkOptions(action, options);
  checkSignal(action, options.signal);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
