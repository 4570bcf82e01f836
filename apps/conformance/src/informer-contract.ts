import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import { ApiStatusError, configMaps, KubeClient } from '@kubeloop/client';
import { SharedInformer } from '@kubeloop/informer';
import { describe, expect, test } from 'vitest';

import type { ForgetfulTarget } from './api-contract/expired-versions.ts';
import type { Access } from './client-contract/client-target.ts';
import { Gateway } from './gateway.ts';
import { configMap } from './manifests.ts';
import { Space } from './space.ts';
import { until } from './until.ts';

/** The reflector waits up to some seconds before it connects again. */
const slow = { timeout: 30_000 };

/** A server that informers are tried on. */
export interface InformerTarget extends ForgetfulTarget {
  /** How to reach it. */
  readonly access: Access;
  /** Whether it has streaming lists. */
  readonly hasWatchList: boolean;
}

interface Named {
  readonly metadata?: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
}

/** An informer that writes down what its handler is told, and that stops at the end of its test. */
export class Observed implements AsyncDisposable {
  /** What the handler was told: `add a initial`, `add b`, `update a`, `delete a`, `lost a` for a tombstone. */
  readonly calls: string[] = [];
  /** The failures on the way: codes where they were answers. */
  readonly failures: unknown[] = [];
  /** The informer. */
  readonly informer: SharedInformer<Named>;
  readonly #client: KubeClient;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  private constructor(access: Access, namespace: string) {
    this.#client = new KubeClient(access);
    this.informer = new SharedInformer<Named>({
      listerWatcher: this.#client.resource(configMaps).namespace(namespace),
      onError: (error) => this.failures.push(ApiStatusError.is(error) ? error.code : error),
    });
    this.informer.addEventHandler({
      add: (obj, isInInitialList) =>
        this.#note(`add ${nameOf(obj)}${isInInitialList ? ' initial' : ''}`, obj),
      update: (_, obj) => this.#note(`update ${nameOf(obj)}`, obj),
      delete: (obj) =>
        DeletedFinalStateUnknown.is(obj)
          ? void this.calls.push(`lost ${obj.key.split('/')[1]}`)
          : this.#note(`delete ${nameOf(obj)}`, obj),
    });
    this.#ended = this.informer.run({ signal: this.#stopping.signal });
  }

  /** Starts an informer for the config maps of a namespace and resolves when it has synced. */
  static async start(access: Access, namespace: string): Promise<Observed> {
    const observed = new Observed(access, namespace);
    await observed.informer.waitForSync({ signal: AbortSignal.timeout(10_000) });
    return observed;
  }

  /** The names in the cache, in order. */
  get names(): string[] {
    return this.informer.lister
      .list()
      .map(nameOf)
      .filter((name) => name.length === 1)
      .sort();
  }

  /** Resolves when the handler has been told so. */
  async told(call: string): Promise<void> {
    await until(
      `the handler is told ${JSON.stringify(call)} besides ${JSON.stringify(this.calls)}`,
      async () => (this.calls.includes(call) ? true : undefined),
      20_000,
    );
  }

  /** Stops the informer and its client. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await this.#client.close();
  }

  #note(call: string, obj: Named): void {
    // A controller puts a config map of its own into every namespace.
    if (nameOf(obj).length === 1) this.calls.push(call);
  }
}

function nameOf(obj: Named): string {
  return obj.metadata?.name ?? '';
}

/** Declares the tests of an informer against a server. */
export function informerContract(target: () => InformerTarget): void {
  describe('an informer', () => {
    test('syncs with what exists and tells it as initial', async () => {
      const { api, access, hasWatchList } = target();
      await using space = await Space.create(api);
      for (const name of ['a', 'b']) await api.post(space.configMaps, configMap(name));

      await using observed = await Observed.start(access, space.name);
      await observed.told('add b initial');

      expect(observed.names).toEqual(['a', 'b']);
      expect(observed.calls.toSorted()).toEqual(['add a initial', 'add b initial']);
      // Without streaming lists it asks for one first, and is told that there are none.
      expect(observed.failures).toEqual(hasWatchList ? [] : [422]);
    });

    test('follows changes in order', async () => {
      const { api, access } = target();
      await using space = await Space.create(api);
      await using observed = await Observed.start(access, space.name);

      await api.post(space.configMaps, configMap('a'));
      await api.patch(`${space.configMaps}/a`, 'merge', { data: { x: '1' } });
      await api.delete(`${space.configMaps}/a`);
      await observed.told('delete a');

      expect(observed.calls).toEqual(['add a', 'update a', 'delete a']);
      expect(observed.names).toEqual([]);
    });

    test('goes on after a broken connection with what it has missed', slow, async () => {
      const { api, access } = target();
      await using space = await Space.create(api);
      await api.post(space.configMaps, configMap('a'));
      await using gateway = new Gateway(access.server);
      await gateway.open();
      await using observed = await Observed.start({ ...access, server: gateway.url }, space.name);

      // A watch that ends at once without an event would be reason enough to list again.
      await api.post(space.configMaps, configMap('b'));
      await observed.told('add b');
      await gateway.shut();
      await api.delete(`${space.configMaps}/a`);
      await api.post(space.configMaps, configMap('c'));
      await gateway.open();
      await observed.told('add c');

      expect(observed.calls).toEqual(['add a initial', 'add b', 'delete a', 'add c']);
      expect(observed.names).toEqual(['b', 'c']);
    });

    test(
      'lists again when its version is too old, and tells a deletion that it missed by a tombstone',
      slow,
      async () => {
        const { api, access } = target();
        await using space = await Space.create(api);
        for (const name of ['a', 'b']) await api.post(space.configMaps, configMap(name));
        await using gateway = new Gateway(access.server);
        await gateway.open();
        await using observed = await Observed.start({ ...access, server: gateway.url }, space.name);

        await gateway.shut();
        await api.delete(`${space.configMaps}/a`);
        for (const name of ['c', 'd']) await api.post(space.configMaps, configMap(name));
        await target().forget();
        await gateway.open();
        await observed.told('lost a');
        await observed.told('add d');

        expect(observed.names).toEqual(['b', 'c', 'd']);
        expect(observed.calls).not.toContain('delete a');
      },
    );
  });
}
