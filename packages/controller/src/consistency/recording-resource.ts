import type { ObjectLike } from '@kubeloop/cache-store';
import { metaNamespaceKey } from '@kubeloop/cache-store';
import type {
  Apply,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  PatchOptions,
  Resource,
  ResourceClient,
  Scale,
  Status,
  WriteOptions,
} from '@kubeloop/client';
import type {
  ConsistentListOptions,
  ConsistentReadOptions,
  ConsistentResource,
} from './consistent-resource.ts';
import { baseVersionOf } from '../own-events/base-version.ts';
import type { KindWrites } from './kind-writes.ts';

/** What a {@link RecordingResource} is made of. */
export interface RecordingResourceOptions<T extends ObjectLike> {
  readonly client: ResourceClient<T>;
  readonly writes: KindWrites;
  readonly reader: CacheReader<T>;
  /** The namespace that was chosen; empty for none. */
  readonly namespace: string;
}

/** Reads that wait. */
export interface CacheReader<T extends ObjectLike> {
  get(key: string, options: ConsistentReadOptions): Promise<T | undefined>;
  list(namespace: string, options: ConsistentListOptions): Promise<readonly T[]>;
  byIndex(place: IndexPlace, options: ConsistentReadOptions): Promise<readonly T[]>;
}

/** Where in an index is looked. */
export interface IndexPlace {
  readonly index: string;
  readonly value: string;
  /** Empty for all. */
  readonly namespace: string;
}

/** A write that is to be sent. */
interface Write<T extends ObjectLike> {
  readonly target: string | T | Apply<T>;
  readonly options: WriteOptions | undefined;
  /** The version that it insists on. */
  readonly base?: string | undefined;
}

/** Writes to the server and remembers what was written; leaves reads to a {@link CacheReader}. */
export class RecordingResource<T extends ObjectLike> implements ConsistentResource<T> {
  readonly #options: RecordingResourceOptions<T>;

  constructor(options: RecordingResourceOptions<T>) {
    this.#options = options;
  }

  get resource(): Resource<T> {
    return this.#options.client.resource;
  }

  namespace(name: string): ConsistentResource<T> {
    const client = this.#options.client.namespace(name);
    return new RecordingResource({ ...this.#options, client, namespace: name });
  }

  async get(name: string, options: ConsistentReadOptions = {}): Promise<T | undefined> {
    const { namespace, reader } = this.#options;
    if (this.resource.namespaced && namespace === '')
      throw new TypeError(
        `Cannot get "${name}" of ${this.resource.name}: it has namespaces; choose one with namespace(name)`,
      );
    return reader.get(metaNamespaceKey(namespace, name), options);
  }

  async list(options: ConsistentListOptions = {}): Promise<readonly T[]> {
    return this.#options.reader.list(this.#options.namespace, options);
  }

  async byIndex(
    index: string,
    value: string,
    options: ConsistentReadOptions = {},
  ): Promise<readonly T[]> {
    const { namespace, reader } = this.#options;
    return reader.byIndex({ namespace, index, value }, options);
  }

  async create(object: T, options?: WriteOptions): Promise<T> {
    return this.#write({ target: object, options }, (client) => client.create(object, options));
  }

  async update(object: T, options?: WriteOptions): Promise<T> {
    const base = baseVersionOf(object);
    return this.#write({ target: object, options, base }, (client) =>
      client.update(object, options),
    );
  }

  async patch(name: string, patch: unknown, options: PatchOptions): Promise<T> {
    const base = baseVersionOf(patch);
    return this.#write({ target: name, options, base }, (client) =>
      client.patch(name, patch, options),
    );
  }

  async apply(object: Apply<T>, options: ApplyOptions): Promise<T> {
    const base = baseVersionOf(object);
    return this.#write({ target: object, options, base }, (client) =>
      client.apply(object, options),
    );
  }

  async delete(name: string, options?: DeleteOptions): Promise<T | Status> {
    const { client, namespace, writes } = this.#options;
    const send = async (): Promise<T | Status> => client.delete(name, options);
    return options?.dryRun ? send() : writes.delete(this.#keyOf(name), namespace, send);
  }

  async updateStatus(object: T, options?: WriteOptions): Promise<T> {
    const base = baseVersionOf(object);
    return this.#write({ target: object, options, base }, (client) =>
      client.updateStatus(object, options),
    );
  }

  async patchStatus(name: string, patch: unknown, options: PatchOptions): Promise<T> {
    const base = baseVersionOf(patch);
    return this.#write({ target: name, options, base }, (client) =>
      client.patchStatus(name, patch, options),
    );
  }

  async applyStatus(object: Apply<T>, options: ApplyOptions): Promise<T> {
    const base = baseVersionOf(object);
    return this.#write({ target: object, options, base }, (client) =>
      client.applyStatus(object, options),
    );
  }

  async getScale(name: string, options?: CallOptions): Promise<Scale> {
    return this.#options.client.getScale(name, options);
  }

  async updateScale(name: string, scale: Scale, options?: WriteOptions): Promise<Scale> {
    return this.#write({ target: name, options }, (client) =>
      client.updateScale(name, scale, options),
    );
  }

  async patchScale(name: string, patch: unknown, options: PatchOptions): Promise<Scale> {
    return this.#write({ target: name, options }, (client) =>
      client.patchScale(name, patch, options),
    );
  }

  async #write<R>(
    { target, options, base }: Write<T>,
    send: (client: ResourceClient<T>) => Promise<R>,
  ): Promise<R> {
    const { client, writes } = this.#options;
    if (options?.dryRun) return send(client);
    return writes.write(this.#keyOf(target), () => send(client), base);
  }

  #keyOf(target: string | T | Apply<T>): string {
    if (typeof target === 'string') return metaNamespaceKey(this.#options.namespace, target);
    // What is applied has the metadata of an object.
    const { name = '', namespace } = (target as T | undefined)?.metadata ?? {};
    return metaNamespaceKey(namespace ?? this.#options.namespace, name);
  }
}
