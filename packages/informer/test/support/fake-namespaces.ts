import type { ListerWatcher, ReflectorEvent } from '@kubeloop/reflector';
import type { SourceOfNamespaces } from '../../src/index.ts';
import { FakeCollection } from './fake-collection.ts';
import type { Thing } from './scripted.ts';

/** A server on which each namespace has a collection of its own, and of which nobody may ask for all at once. */
export class FakeNamespaces implements SourceOfNamespaces<Thing> {
  readonly supportsWatchList: boolean = false;
  readonly #collections = new Map<string, FakeCollection>();

  /** What is in a namespace. */
  of(namespace: string): FakeCollection {
    let collection = this.#collections.get(namespace);
    if (!collection) {
      collection = new FakeCollection();
      this.#collections.set(namespace, collection);
    }
    return collection;
  }

  /** The namespaces that are watched now. */
  get watched(): string[] {
    return [...this.#collections].filter(([, { openWatches }]) => openWatches > 0).map(([n]) => n);
  }

  list(): Promise<never> {
    return Promise.reject(new Error('Nobody may list all namespaces'));
  }

  // oxlint-disable-next-line eslint/require-yield -- a watch that brings nothing
  async *watch(): AsyncGenerator<never> {
    throw new Error('Nobody may watch all namespaces');
  }

  namespace(name: string): ListerWatcher<Thing> {
    const collection = this.of(name);
    const within = (obj: Thing): Thing => ({
      ...obj,
      metadata: { ...obj.metadata, namespace: name },
    });
    return {
      supportsWatchList: false,
      list: async () => {
        const page = await collection.list();
        return { ...page, items: page.items.map(within) };
      },
      async *watch(options): AsyncGenerator<ReflectorEvent<Thing>> {
        for await (const event of collection.watch(options))
          if (event.type === 'BOOKMARK' || event.type === 'ERROR') yield event;
          else yield { type: event.type, object: within(event.object) };
      },
    };
  }
}
