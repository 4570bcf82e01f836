import type { ObjectLike } from '@kubeloop/cache-store';
import type { Resource } from '@kubeloop/client';
import type { ReflectorSettings } from '@kubeloop/informer';
import { SharedInformer } from '@kubeloop/informer';
import type { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { ControllerHost, ControllerParts } from '../../src/controller-host.ts';
import { ControllerBuilder } from '../../src/builder.ts';
import { Controller } from '../../src/controller.ts';
import type { InformerSelection } from '../../src/informer-selection.ts';
import type { RecordingLogger } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

type Store = ReflectorSettings<ObjectLike>['store'];

/** The objects of one resource, in the place of an API server: what is written here is told to the informer. */
export class Feed {
  readonly informer: SharedInformer<ObjectLike>;
  readonly #initial: ObjectLike[] = [];
  #store: Store | undefined;
  #version = 0;

  constructor(name: string, clock: FakeClock) {
    this.informer = new SharedInformer<ObjectLike>({
      name,
      clock,
      listerWatcher: { list: neverCalled, watch: neverCalled },
      newReflector: ({ store }) => ({
        lastSyncResourceVersion: '',
        run: async ({ signal }) => {
          this.#store = store;
          await store.replace(this.#initial, '1');
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      }),
    });
  }

  /** Adds an object, to the first list when the informer does not run yet. */
  async add(object: ObjectLike): Promise<void> {
    if (this.#store) await this.#store.add(this.#versioned(object));
    else this.#initial.push(this.#versioned(object));
  }

  async update(object: ObjectLike): Promise<void> {
    await this.#store?.update(this.#versioned(object));
  }

  async delete(object: ObjectLike): Promise<void> {
    await this.#store?.delete(this.#versioned(object));
  }

  #versioned(object: ObjectLike): ObjectLike {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }
}

function neverCalled(): never {
  throw new Error('The reflector is replaced');
}

/** A manager without a client: informers are fed by the test. */
export class MemoryHost implements ControllerHost {
  readonly log: RecordingLogger = recordingLogger();
  readonly logger: RecordingLogger['logger'] = this.log.logger;
  readonly controllers: Controller[] = [];
  readonly #feeds = new Map<string, Feed>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  controller(name: string): ControllerBuilder {
    return new ControllerBuilder(this, name);
  }

  /** The names of the informers that were asked for. */
  get informers(): string[] {
    return [...this.#feeds.keys()];
  }

  feed(resource: Resource<ObjectLike>, selection?: InformerSelection): Feed {
    const id = selection ? `${resource.name} ${JSON.stringify(selection)}` : resource.name;
    const feed = this.#feeds.get(id) ?? new Feed(id, this.#clock);
    this.#feeds.set(id, feed);
    return feed;
  }

  informerFor<T extends ObjectLike>(
    resource: Resource<T>,
    selection?: InformerSelection,
  ): SharedInformer<T> {
    // The test feeds only objects of the resource.
    return this.feed(resource, selection).informer as unknown as SharedInformer<T>;
  }

  addController(parts: ControllerParts): Controller {
    const controller = new Controller({ clock: this.#clock, logger: this.logger, ...parts });
    this.controllers.push(controller);
    return controller;
  }

  /** Runs all informers and controllers until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const informers = Array.from(this.#feeds.values(), ({ informer }) => informer.run({ signal }));
    const controllers = this.controllers.map((controller) => controller.run({ signal }));
    await Promise.all([...informers, ...controllers]);
  }
}
