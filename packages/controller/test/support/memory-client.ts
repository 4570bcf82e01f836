import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient, ObjectList, Resource, WatchEvent } from '@kubeloop/client';
import { ApiStatusError } from '@kubeloop/client';

/** The lists and watches of one resource. */
class MemoryResource {
  readonly supportsWatchList = false;
  readonly resource: Resource<ObjectLike>;
  /** What lists and watches fail with, while it is set. */
  error: Error | undefined;
  openWatches = 0;
  readonly #objects: ObjectLike[] = [];
  #version = 1;
  readonly #onChange = new Set<(event: WatchEvent<ObjectLike>) => void>();

  constructor(resource: Resource<ObjectLike>) {
    this.resource = resource;
  }

  namespace(): this {
    return this;
  }

  add(name: string): void {
    this.#version += 1;
    const object: ObjectLike = {
      apiVersion: this.resource.apiVersion,
      kind: this.resource.kind,
      metadata: { name, namespace: 'ns', uid: name, resourceVersion: String(this.#version) },
    };
    this.#objects.push(object);
    for (const tell of this.#onChange) tell({ type: 'ADDED', object });
  }

  async list(): Promise<ObjectList<ObjectLike>> {
    await Promise.resolve();
    if (this.error) throw this.error;
    return {
      items: [...this.#objects],
      metadata: { resourceVersion: String(this.#version) },
    };
  }

  async *watch(
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<WatchEvent<ObjectLike>> {
    const signal = options.signal ?? new AbortController().signal;
    const isOpen = (): boolean => !signal.aborted;
    const events: WatchEvent<ObjectLike>[] = [];
    let wake = (): void => {};
    const tell = (event: WatchEvent<ObjectLike>): void => {
      events.push(event);
      wake();
    };
    const onAbort = (): void => wake();
    this.openWatches += 1;
    this.#onChange.add(tell);
    signal.addEventListener('abort', onAbort);
    try {
      while (isOpen()) {
        for (const event of events.splice(0)) yield event;
        if (events.length > 0 || !isOpen()) continue;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#onChange.delete(tell);
      signal.removeEventListener('abort', onAbort);
      this.openWatches -= 1;
    }
  }
}

/** A client of a cluster that is a few arrays. */
export class MemoryClient {
  readonly #resources = new Map<string, MemoryResource>();
  isClosed = false;

  /** What a manager takes. */
  get asClient(): KubeClient {
    // Managers and informers use resource and close alone.
    return this as unknown as KubeClient;
  }

  resource(resource: Resource<ObjectLike>): MemoryResource {
    const made = this.#resources.get(resource.name) ?? new MemoryResource(resource);
    this.#resources.set(resource.name, made);
    return made;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.resolve();
  }
}

/** What the API server says to those who may not. */
export function forbidden(): ApiStatusError {
  return new ApiStatusError({ status: { code: 403, reason: 'Forbidden', message: 'not allowed' } });
}
