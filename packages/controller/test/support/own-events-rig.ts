import type { ObjectLike } from '@kubeloop/cache-store';
import type { KubeClient } from '@kubeloop/client';
import { configMaps } from '@kubeloop/client';
import type { SharedInformer } from '@kubeloop/informer';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { ConsistentClient } from '../../src/consistency/consistent-client.ts';
import type { ConsistentResource } from '../../src/consistency/consistent-resource.ts';
import type { ControllerOptions } from '../../src/controller-options.ts';
import { Controller } from '../../src/controller.ts';
import { enqueueSelf } from '../../src/event-handler.ts';
import type { EventHandler } from '../../src/event-handler.ts';
import { InformerSource } from '../../src/informer-source.ts';
import type { ReconcileContext } from '../../src/request.ts';
import { statusError } from './event-server.ts';
import { LaggingCache } from './lagging-cluster.ts';
import type { RecordingLogger } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

/** A ConfigMap with its uid and version. */
export type Versioned = ObjectLike & {
  readonly metadata: { readonly resourceVersion: string; readonly uid: string };
  readonly data?: Readonly<Record<string, string>>;
};

/** How one write of a reconcile goes. */
export type OwnWrite =
  /** It insists on the version that the reconcile knows. */
  | 'conditional'
  /** It insists on it, and changes nothing. */
  | 'conditional, no change'
  /** It insists on what the server has, which the reconcile reads there. */
  | 'conditional, after a read'
  /** It insists on it, happens, and its answer is lost. */
  | 'conditional, lost'
  | 'blind'
  | 'blind, no change';

/** What a reconcile is given. */
export interface OwnReconcile {
  /** What the cache showed at the beginning. */
  readonly seen: Versioned;
  readonly context: ReconcileContext;
  readonly write: (how: OwnWrite) => Promise<void>;
}

/**
 * One ConfigMap `ns/a`, a server that compares versions, a cache that shows changes, and answers that come, only when the test
 * lets them, and a controller that skips its own events.
 */
export class OwnEventsRig {
  readonly clock: FakeClock = new FakeClock();
  readonly cache: LaggingCache;
  readonly resource: ConsistentResource<ObjectLike>;
  readonly controller: Controller;
  readonly log: RecordingLogger = recordingLogger();
  /** The versions that the cache showed when reconciles of `ns/a` began. */
  readonly starts: number[] = [];
  /** The versions that others have written. */
  readonly foreign: number[] = [];
  /** What the reconciler does. */
  onReconcile: (reconcile: OwnReconcile) => Promise<unknown> = async () => undefined;
  /** Whether answers wait for {@link OwnEventsRig.answer}. */
  holdsAnswers = true;
  #object: Versioned;
  #version = 10;
  readonly #answers: (() => void)[] = [];
  readonly #stop = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();

  constructor(
    options: Partial<ControllerOptions> = {},
    handler: EventHandler<ObjectLike> = enqueueSelf(),
  ) {
    const metadata = { name: 'a', namespace: 'ns', uid: 'uid-a', resourceVersion: '10' };
    this.#object = { metadata };
    this.cache = new LaggingCache(
      this.clock,
      () => [this.#object],
      () => `${this.#version}`,
    );
    const { informer } = this.cache;
    const client = new ConsistentClient({
      // The consistent client uses the resource clients alone.
      client: { resource: () => this.#resourceClient() } as unknown as Pick<KubeClient, 'resource'>,
      // Only ConfigMaps are asked for.
      informerFor: <T extends ObjectLike>() => informer as unknown as SharedInformer<T>,
      consistency: 'off',
      timeoutMs: 5000,
      clock: this.clock,
    });
    this.resource = client.resource(configMaps).namespace('ns');
    this.controller = new Controller({
      name: 'test',
      clock: this.clock,
      logger: this.log.logger,
      skipOwnEvents: true,
      sources: [new InformerSource({ name: 'maps', informer, handler })],
      reconcile: async ({ name }, context) => {
        if (name === 'a') await this.#reconcile(context);
        else this.starts.push(Number.NaN);
      },
      ...options,
    });
  }

  async start(): Promise<void> {
    const { signal } = this.#stop;
    this.#ended = Promise.all([
      this.cache.informer.run({ signal }),
      this.controller.run({ signal }),
    ]);
    await this.clock.settle();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.holdsAnswers = false;
    while (this.answer());
    await this.#ended;
  }

  /** Somebody else writes. */
  writeForeign(): void {
    this.foreign.push(this.#write({ foreign: `${this.#version}` }));
  }

  /** Lets the oldest write that waits be answered; whether there was one. */
  answer(): boolean {
    const next = this.#answers.shift();
    next?.();
    return next !== undefined;
  }

  /** The watch is lost, and the cache is given what is there now. */
  async relist(): Promise<void> {
    await this.cache.relist([this.#object], `${this.#version}`);
  }

  /** Lets all come to rest: answers, events, delays. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      while (this.answer()) {
        quiet = 0;
        await this.clock.settle();
      }
      await this.cache.deliver();
      await this.clock.stepAsync(2000);
    }
  }

  async #reconcile(context: ReconcileContext): Promise<void> {
    // The test never deletes it.
    const seen = this.cache.informer.indexer.getByKey('ns/a') as Versioned;
    this.starts.push(Number(seen.metadata.resourceVersion));
    let known = seen.metadata.resourceVersion;
    const write = async (how: OwnWrite): Promise<void> => {
      if (how.endsWith('after a read')) known = this.#object.metadata.resourceVersion;
      const metadata = how.startsWith('conditional') ? { resourceVersion: known } : {};
      const patch = { metadata, how };
      const answer = (await this.resource.patch('a', patch, { type: 'merge' })) as Versioned;
      known = answer.metadata.resourceVersion;
    };
    await this.onReconcile({ seen, context, write });
  }

  #write(data: Readonly<Record<string, string>>): number {
    this.#version += 1;
    const metadata = { ...this.#object.metadata, resourceVersion: `${this.#version}` };
    this.#object = { metadata, data: { ...this.#object.data, ...data } };
    this.cache.push({ type: 'update', object: this.#object });
    return this.#version;
  }

  #resourceClient(): unknown {
    const client = {
      resource: configMaps,
      namespace: () => client,
      patch: async (_name: string, { metadata, how }: { metadata: object; how: OwnWrite }) => {
        const base: unknown = Reflect.get(metadata, 'resourceVersion');
        const isConflict = base !== undefined && base !== this.#object.metadata.resourceVersion;
        if (!isConflict && !how.endsWith('no change')) this.#write({ own: `${this.#version}` });
        const answer = this.#object;
        if (this.holdsAnswers)
          await new Promise<void>((resolve) => this.#answers.push(() => resolve()));
        if (isConflict) throw statusError(409, 'Conflict');
        if (how.endsWith('lost')) throw new Error('The connection was lost');
        return answer;
      },
    };
    return client;
  }
}
