import { DeletedFinalStateUnknown, type ObjectLike } from '@kubeloop/cache-store';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { ListerWatcher, ReflectorStore } from '@kubeloop/reflector';
import {
  type InformerErrorContext,
  type ReflectorLike,
  type ReflectorSettings,
  type ResourceEventHandler,
  SharedInformer,
  type SharedInformerOptions,
} from '../../src/index.ts';

/** A small object of tests. */
export interface Thing extends ObjectLike {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly uid?: string;
  };
  readonly secret?: string | undefined;
}

/** An object whose version is `version`. */
export function thing(name: string, version: number | string, uid: string = name): Thing {
  return { metadata: { name, resourceVersion: String(version), uid } };
}

/** A reflector that does what the test says. */
export class ScriptedReflector implements ReflectorLike {
  lastSyncResourceVersion = '';
  isRunning = false;
  readonly settings: ReflectorSettings<Thing>;

  constructor(settings: ReflectorSettings<Thing>) {
    this.settings = settings;
  }

  get store(): ReflectorStore<Thing> {
    return this.settings.store;
  }

  /** An object came to be. The store's wish to wait is ignored. */
  add(obj: Thing): void {
    void this.store.add(obj);
  }

  update(obj: Thing): void {
    void this.store.update(obj);
  }

  delete(obj: Thing): void {
    void this.store.delete(obj);
  }

  resync(): void {
    void this.store.resync();
  }

  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    this.isRunning = true;
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.isRunning = false;
  }
}

const nowhere: ListerWatcher<Thing> = {
  list: () => Promise.reject(new Error('The script does not list')),
  // oxlint-disable-next-line eslint/require-yield -- a watch that brings nothing
  watch: async function* () {},
};

/** An informer, its script and everything that it reported. */
export interface Setup {
  readonly clock: FakeClock;
  readonly informer: SharedInformer<Thing>;
  readonly source: ScriptedReflector;
  readonly errors: [unknown, InformerErrorContext][];
  readonly stop: () => Promise<void>;
  readonly run: () => void;
}

/** Makes an informer; it does not run. */
export function setup(options: Partial<SharedInformerOptions<Thing>> = {}): Setup {
  const clock = new FakeClock();
  const errors: [unknown, InformerErrorContext][] = [];
  let source: ScriptedReflector | undefined;
  let abort = new AbortController();
  let ended: Promise<void> = Promise.resolve();
  const informer = new SharedInformer<Thing>({
    listerWatcher: nowhere,
    name: 'things',
    clock,
    onError: (error, context) => errors.push([error, context]),
    newReflector: (settings) => (source = new ScriptedReflector(settings)),
    ...options,
  });
  return {
    clock,
    informer,
    errors,
    get source() {
      if (!source) throw new Error('The informer does not run yet');
      return source;
    },
    run: () => {
      abort = new AbortController();
      ended = informer.run({ signal: abort.signal });
    },
    stop: async () => {
      abort.abort();
      await ended;
    },
  };
}

/** A running informer. */
export function running(options: Partial<SharedInformerOptions<Thing>> = {}): Setup {
  const made = setup(options);
  made.run();
  return made;
}

/** A handler that writes down what it is told, as short words: `add a1!`, `update a1 a2`, `delete a2`, `gone a2`. */
export function recorder(): { log: string[]; handler: ResourceEventHandler<Thing> } {
  const log: string[] = [];
  const handler: ResourceEventHandler<Thing> = {
    add: (obj, isInInitialList) => void log.push(`add ${short(obj)}${isInInitialList ? '!' : ''}`),
    update: (oldObj, newObj) => void log.push(`update ${short(oldObj)} ${short(newObj)}`),
    delete: (obj) => void log.push(words(obj)),
  };
  return { log, handler };
}

/** Name and version. */
export function short(obj: Thing | undefined): string {
  return `${obj?.metadata.name}${obj?.metadata.resourceVersion ?? ''}`;
}

function words(obj: Thing | DeletedFinalStateUnknown<Thing>): string {
  return obj instanceof DeletedFinalStateUnknown
    ? `gone ${short(obj.obj)}`
    : `delete ${short(obj)}`;
}

/** A promise and its ends. */
export function deferred(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (e: unknown) => void;
} {
  return Promise.withResolvers<void>();
}
