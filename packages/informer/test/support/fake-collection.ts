import type { BookmarkLike, ListerWatcher, ReflectorEvent, StatusLike } from '@kubeloop/reflector';
import { type Thing, thing } from './scripted.ts';

type Watcher = (outcome: { event: ReflectorEvent<Thing> } | { error: Error } | 'end') => void;

/** A collection of a server with its history, whose connections the test can break. */
export class FakeCollection implements ListerWatcher<Thing> {
  readonly supportsWatchList: boolean = false;
  readonly objects: Map<string, Thing> = new Map();
  /** What every request fails with until it is taken away. */
  outage: Error | undefined;
  lists = 0;
  #version = 0;
  #compactedBelow = 0;
  #history: { version: number; event: ReflectorEvent<Thing> }[] = [];
  readonly #watchers = new Set<Watcher>();

  get openWatches(): number {
    return this.#watchers.size;
  }

  /** Creates or changes an object. */
  write(name: string): void {
    const before = this.objects.get(name);
    const obj = thing(name, ++this.#version, before?.metadata.uid ?? `uid${this.#version}`);
    this.objects.set(name, obj);
    this.#happened({ type: before ? 'MODIFIED' : 'ADDED', object: obj });
  }

  delete(name: string): void {
    const before = this.objects.get(name);
    if (!before) return;
    this.objects.delete(name);
    const last = thing(name, ++this.#version, before.metadata.uid);
    this.#happened({ type: 'DELETED', object: last });
  }

  /** Breaks every open connection. */
  drop(): void {
    const error = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    for (const watcher of this.#watchers) watcher({ error });
  }

  /** Ends every open watch as a server does that restarts in good order. */
  end(): void {
    for (const watcher of this.#watchers) watcher('end');
  }

  /** Forgets the history, so that a watch from any earlier version is answered with 410. */
  compact(): void {
    this.#history = [];
    this.#compactedBelow = this.#version;
  }

  list(): ReturnType<ListerWatcher<Thing>['list']> {
    this.lists += 1;
    if (this.outage) return Promise.reject(this.outage);
    const items = [...this.objects.values()];
    return Promise.resolve({ items, metadata: { resourceVersion: String(this.#version) } });
  }

  async *watch({
    resourceVersion,
    signal,
  }: Parameters<ListerWatcher<Thing>['watch']>[0]): AsyncGenerator<ReflectorEvent<Thing>> {
    if (this.outage) throw this.outage;
    const from = Number(resourceVersion);
    if (from < this.#compactedBelow) {
      yield { type: 'ERROR', object: expired };
      return;
    }
    const pending: Parameters<Watcher>[0][] = this.#history
      .filter(({ version }) => version > from)
      .map(({ event }) => ({ event }));
    let wake = (): void => {};
    const watcher: Watcher = (outcome) => (pending.push(outcome), wake());
    const onAbort = (): void => watcher('end');
    signal?.addEventListener('abort', onAbort);
    this.#watchers.add(watcher);
    try {
      while (true) {
        const next = pending.shift();
        if (next === 'end' || signal?.aborted) return;
        if (next && 'error' in next) throw next.error;
        if (next) yield next.event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#watchers.delete(watcher);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Something happens that this collection does not show. */
  elsewhere(): void {
    this.#version += 1;
  }

  /** Tells every watch how far the server has got. */
  bookmark(): void {
    const object: BookmarkLike = { metadata: { resourceVersion: String(this.#version) } };
    for (const watcher of this.#watchers) watcher({ event: { type: 'BOOKMARK', object } });
  }

  #happened(event: ReflectorEvent<Thing>): void {
    this.#history.push({ version: this.#version, event });
    for (const watcher of this.#watchers) watcher({ event });
  }
}

const expired: StatusLike = { code: 410, reason: 'Expired', message: 'too old resource version' };
