import type { ListerWatcher, ReflectorEvent, WatchRequest } from '@kubeloop/reflector';
import type { InformerClient, InformerResource, SelectionOptions } from '../../src/index.ts';
import { type Thing, thing } from './scripted.ts';

function resource(group: string, plural: string, kind: string): InformerResource<Thing> {
  const apiVersion = group === '' ? 'v1' : `${group}/v1`;
  const name = group === '' ? plural : `${plural}.${group}`;
  return { group, version: 'v1', plural, kind, namespaced: true, apiVersion, name };
}

export const pods: InformerResource<Thing> = resource('', 'pods', 'Pod');
export const webApps: InformerResource<Thing> = resource('example.com', 'webapps', 'WebApp');

/** A server that has one object of each kind, writes down what it is asked, and whose lists fail as told. */
export class FakeCluster implements InformerClient {
  readonly requests: string[] = [];
  openWatches = 0;
  readonly #failures: Readonly<Record<string, Error | 'hang'>>;

  /** @param failures - by name of the kind: what a list in all namespaces rejects with, or that it never ends */
  constructor(failures: Readonly<Record<string, Error | 'hang'>> = {}) {
    this.#failures = failures;
  }

  resource<T>(
    kind: InformerResource<T>,
  ): ListerWatcher<T> & { namespace(name: string): ListerWatcher<T> } {
    const everywhere = this.#collection(kind.name, this.#failures[kind.name]);
    const here = (name: string) => this.#collection(`${kind.name} in ${name}`, undefined);
    // The kinds of this server are all things.
    return { ...everywhere, namespace: here } as unknown as ReturnType<typeof this.resource<T>>;
  }

  #collection(name: string, failure: Error | 'hang' | undefined): ListerWatcher<Thing> {
    const note = (verb: string, { labelSelector, fieldSelector }: SelectionOptions): void => {
      const selectors = [labelSelector, fieldSelector].filter(Boolean).join(', ');
      this.requests.push(`${verb} ${name}${selectors && ` where ${selectors}`}`);
    };
    return {
      supportsWatchList: false,
      list: async (options) => {
        note('list', options);
        if (failure === 'hang') return aborted(options.signal);
        if (failure) throw failure;
        return { items: [thing('a', 1)], metadata: { resourceVersion: '1' } };
      },
      watch: (options) => (note('watch', options), this.#watch(options)),
    };
  }

  // oxlint-disable-next-line eslint/require-yield -- a watch that brings nothing
  async *#watch({ signal }: WatchRequest): AsyncGenerator<ReflectorEvent<Thing>> {
    this.openWatches += 1;
    try {
      await aborted(signal);
    } finally {
      this.openWatches -= 1;
    }
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever the signal says
    const onAbort = (): void => reject(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
