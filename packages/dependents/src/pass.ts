import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import type { ChildKeeper, Family, KeptChild } from './child-keeper.ts';
import type { EarlierChildren, DependentOptions } from './dependent.ts';
import { completeChildren } from './desired-children.ts';
import type { KindPresence } from './kind-presence.ts';
import type { DependentGraph } from './graph.ts';
import { messageOf } from './message-of.ts';
import type { ChildOutcome, DependentOutcome, DependentState } from './outcome.ts';
import { Slots } from './slots.ts';
import { ignoreRejection } from './answers.ts';

/** A dependent and what keeps its children. */
export interface Declared<Owner extends ObjectLike> {
  readonly options: DependentOptions<Owner, ObjectLike>;
  /** Made when it is asked for, which starts its informer. */
  readonly keeper: () => ChildKeeper;
  /** Tells of an optional kind whether it is there. */
  readonly presence: KindPresence | undefined;
  readonly markers: Readonly<Record<string, string>>;
}

/** What a {@link Pass} is made of. */
export interface PassOptions<Owner extends ObjectLike> {
  readonly owner: Owner;
  readonly ownerResource: Resource<ObjectLike>;
  readonly family: Family;
  readonly graph: DependentGraph;
  readonly declared: ReadonlyMap<string, Declared<Owner>>;
  readonly concurrency: number;
  /** Whether nothing is wanted any more. */
  readonly isRemoval: boolean;
}

/** Brings all dependents of one owner to their desired state once, each when those around it let it. */
export class Pass<Owner extends ObjectLike> {
  readonly #options: PassOptions<Owner>;
  readonly #slots: Slots;
  readonly #outcomes = new Map<string, Promise<DependentOutcome>>();
  readonly #children = new Map<string, readonly ObjectLike[]>();
  /** The dependents that are not wanted, and those after them. */
  readonly #unwanted = new Set<string>();
  /** Why it could not be decided whether a dependent is wanted. */
  readonly #undecided = new Map<string, unknown>();

  constructor(options: PassOptions<Owner>) {
    this.#options = options;
    this.#slots = new Slots(options.concurrency);
  }

  /** Never rejects for what a dependent fails with. Rejects with the signal's reason, when all that was begun has ended. */
  async run(): Promise<readonly DependentOutcome[]> {
    const { graph, family } = this.#options;
    family.signal?.throwIfAborted();
    this.#decide();
    const outcomes = await Promise.all(graph.names.map((name) => this.#outcome(name)));
    family.signal?.throwIfAborted();
    return outcomes;
  }

  #decide(): void {
    const { graph, isRemoval } = this.#options;
    const isOff = new Set(graph.names.filter((name) => isRemoval || !this.#isWanted(name)));
    for (const name of graph.names) {
      const isBehind = [...graph.allBefore(name)].some((each) => isOff.has(each));
      if (isOff.has(name) || isBehind) this.#unwanted.add(name);
    }
  }

  /** A precondition that fails decides nothing: what is there stays, and the dependent fails. */
  #isWanted(name: string): boolean {
    const { when = (): boolean => true } = this.#declared(name).options;
    try {
      return answered(`when of dependent "${name}"`, when(this.#options.owner));
    } catch (error) {
      this.#undecided.set(name, error);
      return true;
    }
  }

  async #outcome(name: string): Promise<DependentOutcome> {
    const known = this.#outcomes.get(name);
    if (known) return known;
    const outcome = this.#settle(name);
    this.#outcomes.set(name, outcome);
    return outcome;
  }

  async #settle(name: string): Promise<DependentOutcome> {
    try {
      if (this.#unwanted.has(name)) return await this.#remove(name);
      if (this.#undecided.has(name)) throw this.#undecided.get(name);
      return await this.#keep(name);
    } catch (error) {
      return { name, state: 'failed', waitingFor: [], children: [], error };
    }
  }

  async #remove(name: string): Promise<DependentOutcome> {
    const waitingFor = await this.#thoseNot('removed', this.#options.graph.followers(name));
    if (waitingFor.length > 0) return { name, state: 'removing', waitingFor, children: [] };
    const { keeper, options } = this.#declared(name);
    const { owner, family } = this.#options;
    // Objects of a kind go with its definition.
    if (await this.#isAbsent(name)) return { name, state: 'removed', waitingFor: [], children: [] };
    const remaining = await this.#slots.use(() => keeper().prune(new Set(), family));
    const { isGone = (_, left): boolean => left.length === 0 } = options;
    const what = `isGone of dependent "${name}"`;
    const state = answered(what, isGone(owner, objectsOf(remaining))) ? 'removed' : 'removing';
    return { name, state, waitingFor: [], children: outcomesOf(remaining) };
  }

  async #keep(name: string): Promise<DependentOutcome> {
    const { graph, family, owner, ownerResource } = this.#options;
    const waitingFor = await this.#thoseNot('ready', graph.before(name));
    if (waitingFor.length > 0) return { name, state: 'waiting', waitingFor, children: [] };
    if (await this.#isAbsent(name)) return { name, state: 'absent', waitingFor: [], children: [] };
    const { options, keeper, markers } = this.#declared(name);
    const { resource } = options;
    const answer = options.desired(owner, this.#earlier(name));
    const completion = { dependent: name, resource, owner, ownerResource, markers };
    const desired = completeChildren(answer, completion);
    const results = await Promise.allSettled(
      desired.map((child) => this.#slots.use(() => keeper().ensure(child, family))),
    );
    const kept: KeptChild[] = [];
    const errors: unknown[] = [];
    for (const result of results)
      if (result.status === 'fulfilled') kept.push(result.value);
      else errors.push(result.reason);
    const children = outcomesOf(kept);
    try {
      // What is not wanted any more goes when what is wanted in its place is there.
      if (errors.length > 0) throw oneOf(errors);
      const keys = new Set(desired.map(({ key }) => key));
      const pruned = await this.#slots.use(() => keeper().prune(keys, family));
      children.push(...outcomesOf(pruned));
      this.#children.set(name, objectsOf(kept));
      return { name, state: this.#readiness(name, kept), waitingFor: [], children };
    } catch (error) {
      return { name, state: 'failed', waitingFor: [], children, error };
    }
  }

  async #isAbsent(name: string): Promise<boolean> {
    const { presence } = this.#declared(name);
    return presence !== undefined && !(await presence.waitForAnswer(this.#options.family.signal));
  }

  #readiness(name: string, kept: readonly KeptChild[]): DependentState {
    const { isReady = (): boolean => true } = this.#declared(name).options;
    const what = `isReady of dependent "${name}"`;
    const isChildReady = ({ object, outcome }: KeptChild): boolean =>
      outcome.action !== 'ending' && answered(what, isReady(object, this.#options.owner));
    return kept.every(isChildReady) ? 'ready' : 'not-ready';
  }

  #earlier(name: string): EarlierChildren {
    const before = this.#options.graph.allBefore(name);
    // A dependent's children are of its resource's type, which is not known here.
    const list = (dependent: { readonly name: string }): readonly never[] => {
      if (!before.has(dependent.name))
        throw new TypeError(
          `Cannot get children of "${dependent.name}" for dependent "${name}": it does not stand after that; name it in after`,
        );
      return (this.#children.get(dependent.name) ?? []) as readonly never[];
    };
    return { list, get: (dependent) => list(dependent)[0] };
  }

  async #thoseNot(state: DependentState, names: readonly string[]): Promise<readonly string[]> {
    const outcomes = await Promise.all(names.map((each) => this.#outcome(each)));
    return outcomes.filter((each) => each.state !== state).map((each) => each.name);
  }

  #declared(name: string): Declared<Owner> {
    // The graph and the map hold the same names.
    return this.#options.declared.get(name) as Declared<Owner>;
  }
}

function outcomesOf(children: readonly KeptChild[]): ChildOutcome[] {
  return children.map(({ outcome }) => outcome);
}

function objectsOf(children: readonly KeptChild[]): ObjectLike[] {
  return children.map(({ object }) => object);
}

function answered(what: string, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  // That it is asynchronous is the failure; what it rejects with comes second.
  ignoreRejection(answer);
  throw new TypeError(`Cannot use the answer of ${what}: it must be true or false`);
}

function oneOf(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  return new AggregateError(errors, errors.map(messageOf).join('; '));
}
