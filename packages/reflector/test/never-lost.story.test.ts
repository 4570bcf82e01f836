import { FakeClock } from '@kubeloop/ratelimiter/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reflector } from '../src/index.ts';
import {
  added,
  ApiError,
  bookmark,
  deleted,
  errorEvent,
  initialEventsEnd,
  modified,
  networkError,
  page,
  RecordingStore,
  ScriptedServer,
  thing,
  type ScriptedWatch,
  type Thing,
} from './scripted.ts';

/** Keeps objects and their history, serves lists, streams and watches, and fails as it is told. */
class ModelServer {
  readonly server: ScriptedServer = new ScriptedServer({ supportsWatchList: true });
  readonly objects: Map<string, Thing> = new Map();
  readonly #history: { readonly version: number; readonly send: (to: ScriptedWatch) => void }[] =
    [];
  #live: ScriptedWatch[] = [];
  #version = 100;
  #oldest = 100;
  /** What the coming requests meet. */
  failures: Error[] = [];

  constructor() {
    this.server.onList = ({ resourceVersion, limit, continue: token }) => {
      this.#mayFail();
      const version = Number(resourceVersion ?? '0');
      if (version > this.#version) throw new ApiError(410, 'Expired');
      const all = [...this.objects.values()];
      if (limit === undefined) return page(`${this.#version}`, all);
      const from = Number(token ?? '0');
      const next = from + limit < all.length ? `${from + limit}` : undefined;
      return page(`${this.#version}`, all.slice(from, from + limit), next);
    };
    this.server.onWatch = (watch) => {
      try {
        this.#mayFail();
        this.#serve(watch);
      } catch (error) {
        // Only errors are thrown above.
        watch.fail(error as Error);
      }
    };
  }

  put(name: string): void {
    const isNew = !this.objects.has(name);
    const object = thing(name, `${this.#next()}`);
    this.objects.set(name, object);
    this.#happen((watch) => watch.send(isNew ? added(object) : modified(object)));
  }

  remove(name: string): void {
    if (!this.objects.delete(name)) return;
    const object = thing(name, `${this.#next()}`);
    this.#happen((watch) => watch.send(deleted(object)));
  }

  compact(): void {
    this.#oldest = this.#version;
  }

  /** Ends what is open, one way or another. */
  cut(how: (watch: ScriptedWatch) => void): void {
    for (const watch of this.#live) how(watch);
    this.#live = [];
  }

  #mayFail(): void {
    const failure = this.failures.shift();
    if (failure) throw failure;
  }

  #next(): number {
    this.#version += 1;
    return this.#version;
  }

  #happen(send: (to: ScriptedWatch) => void): void {
    this.#history.push({ version: this.#version, send });
    for (const watch of this.#live) send(watch);
  }

  #serve(watch: ScriptedWatch): void {
    const { resourceVersion, sendInitialEvents } = watch.request;
    this.#live.push(watch);
    if (sendInitialEvents) {
      for (const object of this.objects.values()) watch.send(added(object));
      watch.send(initialEventsEnd(`${this.#version}`));
      return;
    }
    const from = Number(resourceVersion ?? '0');
    if (from < this.#oldest) {
      watch.send(errorEvent(new ApiError(410, 'Expired')));
      return;
    }
    for (const { version, send } of this.#history) if (version > from) send(watch);
    watch.send(bookmark(`${this.#version}`));
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const failure = fc.constantFrom<() => Error>(
  () => new ApiError(500, 'InternalError'),
  () => new ApiError(429, 'TooManyRequests'),
  () => new ApiError(410, 'Expired'),
  () => new ApiError(422, 'Invalid'),
  () => networkError('ECONNREFUSED'),
  () => networkError('ECONNRESET'),
  () => new Error('something new'),
);
const cut = fc.constantFrom<(watch: ScriptedWatch) => void>(
  (watch) => watch.end(),
  (watch) => watch.fail(networkError('UND_ERR_SOCKET')),
  (watch) => watch.send(errorEvent(new ApiError(410, 'Expired'))),
  (watch) => watch.send(errorEvent(new ApiError(500, 'InternalError'))),
  // Half-open: it just does not say anything any more.
  () => {},
);
const step = fc.oneof(
  name.map((one) => (model: ModelServer) => model.put(one)),
  name.map((one) => (model: ModelServer) => model.remove(one)),
  failure.map((make) => (model: ModelServer) => void model.failures.push(make())),
  cut.map((how) => (model: ModelServer) => model.cut(how)),
  fc.constant((model: ModelServer) => model.compact()),
);

test('whatever fails and however, the store ends up equal to the server', async () => {
  const script = fc.array(fc.tuple(step, fc.constantFrom(0, 10, 900, 5000, 40_000)), {
    maxLength: 25,
  });
  const property = fc.asyncProperty(
    script,
    fc.boolean(),
    fc.constantFrom(undefined, 2),
    async (steps, watchList, pageSize) => {
      const clock = new FakeClock();
      const model = new ModelServer();
      const store = new RecordingStore();
      const reflector = new Reflector<Thing>({
        listerWatcher: model.server,
        store,
        clock,
        watchList,
        pageSize,
        random: () => 0.5,
        onError: () => {},
      });
      const abort = new AbortController();
      const running = reflector.run({ signal: abort.signal });
      for (const [act, pauseMs] of steps) {
        act(model);
        await clock.stepAsync(pauseMs);
      }
      await clock.stepAsync(1_200_000);

      const isWatching = reflector.describe().activity === 'watching';
      abort.abort();
      await running;

      expect(Object.fromEntries(store.objects)).toEqual(Object.fromEntries(model.objects));
      expect(isWatching).toBe(true);
      expect(clock.pending).toBe(0);
    },
  );

  await fc.assert(property, { numRuns: 200 });
});
