import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import type {
  InformerSelection,
  Source,
  SourceContext,
  SourceDescription,
} from '@kubeloop/controller';
import {
  enqueueMapped,
  InformerSource,
  lowPriority,
  ownerRequests,
  requestFor,
} from '@kubeloop/controller';
import type { HandlerRegistration } from '@kubeloop/informer';
import type { DependentsHost } from './host.ts';
import type { KindPresence } from './kind-presence.ts';

/** What an {@link OptionalKindSource} is made of. */
export interface OptionalKindSourceOptions {
  readonly host: DependentsHost;
  readonly presence: KindPresence;
  readonly owner: Resource<ObjectLike>;
  /** Which owners are reconciled; asked for when all of them are to be. */
  readonly ownerSelection: () => InformerSelection | undefined;
  readonly resource: Resource<ObjectLike>;
  readonly selection: InformerSelection | undefined;
}

/**
 * Requests from children of a kind that may not be installed: they are watched from when it is. Each time it comes or goes,
 * all owners are reconciled.
 */
export class OptionalKindSource implements Source {
  readonly name: string;
  readonly #options: OptionalKindSourceOptions;
  #registration: HandlerRegistration | undefined;
  #children: InformerSource<ObjectLike> | undefined;
  /** Ends the wait for the children. */
  #stopped = new AbortController();
  /** Settles when the children that were there have been handed to the queue. Never rejects. */
  #started: Promise<void> = Promise.resolve();
  #wasServed = false;
  #isSynced = false;
  #lastError: unknown;

  constructor(options: OptionalKindSourceOptions) {
    this.name = `owns ${options.resource.name} where installed`;
    this.#options = options;
  }

  /** Watches the definition, and the children when it is there. Resolves when what was there has been handed to the queue. */
  async start(context: SourceContext): Promise<void> {
    this.#stopped = new AbortController();
    const signal = AbortSignal.any([context.signal, this.#stopped.signal]);
    const look = (): Promise<void> => this.#look({ ...context, signal });
    const { informer } = this.#options.presence;
    const handler = { add: look, update: look, delete: look };
    this.#registration = informer.addEventHandler(handler, { name: this.name });
    try {
      await this.#registration.synced({ signal: context.signal });
      await look();
      await this.#started;
      this.#isSynced = true;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#registration?.remove();
    await this.#started;
    await this.#children?.stop();
    this.#registration = undefined;
    this.#children = undefined;
    this.#wasServed = false;
  }

  /** How far it is; the last error is that of the children's list and watch, or else of their definition's. */
  describe(): SourceDescription {
    const children = this.#children?.describe();
    const isSynced = this.#isSynced && children?.isSynced !== false;
    const definition = this.#options.presence.informer.lastFailure?.error;
    const lastError = children?.lastError ?? this.#lastError ?? definition;
    return { name: this.name, isSynced, lastError };
  }

  async #look(context: SourceContext): Promise<void> {
    const { presence, host, owner, ownerSelection } = this.#options;
    const { isServed } = presence;
    if (isServed === this.#wasServed) return;
    this.#wasServed = isServed;
    if (isServed && this.#children === undefined) this.#started = this.#watch(context);
    const owners = host.informerFor(owner, ownerSelection()).lister.list();
    const options = { priority: lowPriority };
    for (const each of owners) await context.enqueue(requestFor(each), options);
  }

  /** Once begun it goes on, since an informer of a kind that is gone comes back with the kind. */
  async #watch(context: SourceContext): Promise<void> {
    const { host, owner, resource, selection } = this.#options;
    const informer = host.informerFor(resource, selection);
    const handler = enqueueMapped(ownerRequests(owner));
    this.#children = new InformerSource({ name: this.name, informer, handler });
    try {
      await this.#children.start(context);
    } catch (error) {
      this.#lastError = error;
      if (!context.signal.aborted) context.onHandlerError(error, `watch ${resource.name}`);
    }
  }
}
