import type {
  ListerWatcher,
  ListPage,
  ListRequest,
  ReflectorErrorContext,
  ReflectorEvent,
  ReflectorStore,
  WatchRequest,
} from '../src/index.ts';

/** A small object with nothing but what a reflector looks at. */
export interface Thing {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion: string;
  };
  readonly note?: string;
}

export function thing(name: string, resourceVersion: string, note?: string): Thing {
  const metadata = { name, namespace: 'a', resourceVersion };
  return { apiVersion: 'v1', kind: 'Thing', metadata, ...(note === undefined ? {} : { note }) };
}

export function page(
  resourceVersion: string,
  items: readonly Thing[] = [],
  token?: string,
): ListPage<Thing> {
  return { items, metadata: { resourceVersion, continue: token } };
}

export const added = (object: Thing): ReflectorEvent<Thing> => ({ type: 'ADDED', object });
export const modified = (object: Thing): ReflectorEvent<Thing> => ({ type: 'MODIFIED', object });
export const deleted = (object: Thing): ReflectorEvent<Thing> => ({ type: 'DELETED', object });
export const bookmark = (resourceVersion: string): ReflectorEvent<Thing> => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion } },
});
export const initialEventsEnd = (
  resourceVersion: string,
  value: string = 'true',
): ReflectorEvent<Thing> => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion, annotations: { 'k8s.io/initial-events-end': value } } },
});

/** An API server's refusal, in the shape in which the client throws it. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: number,
    reason: string,
    { message = reason, details }: { message?: string; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export const errorEvent = (error: ApiError): ReflectorEvent<Thing> => ({
  type: 'ERROR',
  object: {
    code: error.code,
    reason: error.reason,
    message: error.message,
    details: error.details,
  },
});

/** A failure of the network, as Node and undici throw it. */
export function networkError(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

/** One watch that the test plays the server of. */
export class ScriptedWatch implements AsyncIterableIterator<ReflectorEvent<Thing>> {
  readonly request: WatchRequest;
  returns = 0;
  #queue: (() => Promise<IteratorResult<ReflectorEvent<Thing>>>)[] = [];
  #waiting: ((step: () => Promise<IteratorResult<ReflectorEvent<Thing>>>) => void) | undefined;

  constructor(request: WatchRequest) {
    this.request = request;
    request.signal?.addEventListener('abort', () => this.fail(new Error('aborted')));
  }

  /** Whether the reader is waiting for more. */
  get isRead(): boolean {
    return this.#waiting !== undefined;
  }

  get isAborted(): boolean {
    return this.request.signal?.aborted === true;
  }

  send(...events: readonly ReflectorEvent<Thing>[]): this {
    for (const value of events) this.#push(() => Promise.resolve({ done: false, value }));
    return this;
  }

  end(): this {
    return this.#push(() => Promise.resolve({ done: true, value: undefined }));
  }

  fail(error: Error): this {
    return this.#push(async () => {
      throw error;
    });
  }

  next(): Promise<IteratorResult<ReflectorEvent<Thing>>> {
    const step = this.#queue.shift();
    if (step) return step();
    return new Promise((resolve, reject) => {
      this.#waiting = (late) => void late().then(resolve, reject);
    });
  }

  return(): Promise<IteratorResult<ReflectorEvent<Thing>>> {
    this.returns += 1;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(step: () => Promise<IteratorResult<ReflectorEvent<Thing>>>): this {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(step);
    else this.#queue.push(step);
    return this;
  }
}

/** A server of which the test writes every answer. */
export class ScriptedServer implements ListerWatcher<Thing> {
  readonly lists: ListRequest[] = [];
  readonly watches: ScriptedWatch[] = [];
  supportsWatchList: boolean | undefined;
  resource: ListerWatcher<Thing>['resource'] | undefined;
  /** Answers each list; the number counts from 0. */
  onList: (request: ListRequest, index: number) => ListPage<Thing> | Promise<ListPage<Thing>> =
    () => page('10');
  /** Plays each watch when it is opened; the number counts from 0. */
  onWatch: (watch: ScriptedWatch, index: number) => void = () => {};

  constructor(options: { readonly supportsWatchList?: boolean } = {}) {
    this.supportsWatchList = options.supportsWatchList;
  }

  async list(request: ListRequest): Promise<ListPage<Thing>> {
    this.lists.push(request);
    return this.onList(request, this.lists.length - 1);
  }

  watch(request: WatchRequest): ScriptedWatch {
    const watch = new ScriptedWatch(request);
    this.watches.push(watch);
    this.onWatch(watch, this.watches.length - 1);
    return watch;
  }

  /** The watch opened last. */
  get lastWatch(): ScriptedWatch {
    const watch = this.watches.at(-1);
    if (!watch) throw new Error('No watch has been opened');
    return watch;
  }

  get listVersions(): readonly string[] {
    return this.lists.map((request) => request.resourceVersion ?? '');
  }

  get watchVersions(): readonly string[] {
    return this.watches.map(({ request }) => request.resourceVersion ?? '');
  }
}

/** A store that remembers what it holds and what it was told. */
export class RecordingStore implements ReflectorStore<Thing> {
  readonly objects: Map<string, Thing> = new Map();
  readonly calls: string[] = [];
  readonly versions: string[] = [];
  onCall: (call: string) => void | Promise<void> = () => {};

  get names(): readonly string[] {
    return [...this.objects.keys()];
  }

  async add(obj: Thing): Promise<void> {
    await this.#call(`add ${obj.metadata.name}`);
    this.objects.set(obj.metadata.name, obj);
  }

  async update(obj: Thing): Promise<void> {
    await this.#call(`update ${obj.metadata.name}`);
    this.objects.set(obj.metadata.name, obj);
  }

  async delete(obj: Thing): Promise<void> {
    await this.#call(`delete ${obj.metadata.name}`);
    this.objects.delete(obj.metadata.name);
  }

  async replace(list: readonly Thing[], resourceVersion: string): Promise<void> {
    await this.#call(`replace ${list.length} at ${resourceVersion}`);
    this.objects.clear();
    for (const obj of list) this.objects.set(obj.metadata.name, obj);
  }

  async resync(): Promise<void> {
    await this.#call('resync');
  }

  async bookmark(resourceVersion: string): Promise<void> {
    await this.#call(`bookmark ${resourceVersion}`);
  }

  updateResourceVersion(resourceVersion: string): void {
    this.versions.push(resourceVersion);
  }

  async #call(call: string): Promise<void> {
    this.calls.push(call);
    await this.onCall(call);
  }
}

/** Collects what is reported. */
export class ErrorLog {
  readonly entries: { readonly error: unknown; readonly context: ReflectorErrorContext }[] = [];

  readonly onError: (error: unknown, context: ReflectorErrorContext) => void = (error, context) => {
    this.entries.push({ error, context });
  };

  /** Each entry as `phase: what is done next`. */
  get lines(): readonly string[] {
    return this.entries.map(({ context }) => `${context.phase}: ${context.next}`);
  }
}
