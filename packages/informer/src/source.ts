import type { ObjectLike } from '@kubeloop/cache-store';
import { Reflector, type ReflectorErrorContext } from '@kubeloop/reflector';
import type { Clock } from './clock.ts';
import type { EventQueue } from './event-queue.ts';
import type {
  ReflectorLike,
  ReflectorSettings,
  SharedInformerOptions,
} from './informer-options.ts';
import type { SourceFailure } from './informer-state.ts';
import { LimitedReflector } from './limited-reflector.ts';
import { NamespacedSource } from './namespaced-source.ts';
import type { InformerErrorContext } from './reporter.ts';
import type { ResyncPolicy } from './resync.ts';
import { type Scope, Scopes } from './scopes.ts';
import { failureIn } from './source-failure.ts';

/** What a {@link Source} is made of. */
export interface SourceOptions<T extends ObjectLike> {
  /** The name of the informer. */
  readonly name: string;
  readonly options: SharedInformerOptions<T>;
  readonly clock: Clock;
  /** Its period is asked for at the first run. */
  readonly resync: ResyncPolicy;
  /** Where everything goes that is read. */
  readonly queue: () => EventQueue<T>;
  /** Told of each namespace that comes in during a run. */
  readonly onAdded: () => void;
  readonly onError: (error: unknown, context: Omit<InformerErrorContext, 'informer'>) => void;
}

/** What fills the queue of an informer: one reflector, or one for each namespace. */
export class Source<T extends ObjectLike> {
  /** The namespaces of an informer over several. */
  readonly scopes: Scopes | undefined;
  readonly #options: SourceOptions<T>;
  #reflector: ReflectorLike | undefined;
  /** What reads a namespace, or all of them (`this`), where it takes turns with others. */
  readonly #limited = new WeakMap<object, LimitedReflector>();
  #lastFailure: SourceFailure | undefined;

  constructor(options: SourceOptions<T>) {
    this.#options = options;
    this.scopes = options.options.namespaces && new Scopes();
  }

  /** The version up to which has been read; empty before the first list. */
  get lastSyncResourceVersion(): string {
    return this.#reflector?.lastSyncResourceVersion ?? '';
  }

  /** What went wrong last, until something comes. */
  get lastFailure(): SourceFailure | undefined {
    return this.#lastFailure ?? this.scopes?.failure;
  }

  /** Something has come: the last failure is over. */
  received(scope: Scope | undefined): void {
    this.#endTurn(scope);
    if (scope) scope.failure = undefined;
    else this.#lastFailure = undefined;
  }

  /** Reads until the signal aborts; goes on from where the last run was. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    this.#reflector ??= this.#make();
    await this.#reflector.run(options);
  }

  #make(): ReflectorLike {
    const { scopes } = this;
    const { options, queue, onAdded } = this.#options;
    const { namespaces } = options;
    if (!namespaces || !scopes) return this.#newReflector();
    return new NamespacedSource({
      namespaces,
      scopes,
      newReflector: (scope) => this.#newReflector(scope),
      retain: (wanted) => queue().retain(wanted),
      onAdded,
    });
  }

  #newReflector(scope?: Scope): ReflectorLike {
    const { name, options, clock, resync, queue } = this.#options;
    const { listerWatcher, newReflector, reflector, listLimit } = options;
    const settings: ReflectorSettings<T> = {
      ...reflector,
      name: scope ? `${name}: ${scope.namespace}` : name,
      listerWatcher: (scope && listerWatcher.namespace?.(scope.namespace)) ?? listerWatcher,
      store: scope ? queue().scoped(scope) : queue(),
      resyncPeriodMs: resync.checkPeriodMs,
      clock,
      onError: (error, context) => this.#failed(error, context, scope),
    };
    const made = newReflector?.(settings) ?? new Reflector<T>(settings);
    if (!listLimit) return made;
    const limited = new LimitedReflector(made, listLimit);
    this.#limited.set(scope ?? this, limited);
    return limited;
  }

  #endTurn(scope: Scope | undefined): void {
    if (this.#options.options.listLimit) this.#limited.get(scope ?? this)?.endTurn();
  }

  #failed(
    error: unknown,
    { phase, next, action, retryInMs }: ReflectorErrorContext,
    scope: Scope | undefined,
  ): void {
    // Others go first while nothing is asked of the server.
    if (action === 'wait' || retryInMs > 0) this.#endTurn(scope);
    if (scope) scope.failure = failureIn(scope.namespace, { error, phase });
    else this.#lastFailure = { error, phase };
    const namespace = scope && { namespace: scope.namespace };
    this.#options.onError(error, { part: 'source', phase, next, ...namespace });
  }
}
