import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { filteringHandler, SharedInformerFactory } from '../src/index.ts';
import { FakeCluster, pods } from './support/fake-cluster.ts';
import { running, setup, thing, type Thing } from './support/scripted.ts';

let warnings: string[] = [];

beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => {
    warnings.push(String(warning));
  });
});
afterEach(() => void vi.restoreAllMocks());

/** What a program in JavaScript can pass where a plain function is wanted. */
const rejects = (() => Promise.reject(new Error('second'))) as unknown as () => never;

describe('an asynchronous callback that rejects is reported and stops nothing', () => {
  test('as onError: both failures reach the process', async () => {
    const { informer, source, clock, stop } = running({ onError: rejects });

    await source.store.replace([thing('', 1)], '1');
    await clock.settle();

    expect(informer.hasSynced).toBe(true);
    expect(warnings[0]).toBe('Informer "things" failed: listener: second');
    expect(warnings[1]).toMatch('Informer "things" failed: store');
    await stop();
  });

  test('as onError of a handler: both failures go to the informer', async () => {
    const { informer, source, clock, errors, stop } = running();
    const add = (): never => {
      throw new Error('first');
    };
    informer.addEventHandler({ add, onError: rejects }, { name: 'bad' });

    await source.store.replace([thing('a', 1)], '1');
    await clock.settle();

    expect(errors.map(([error]) => String(error))).toEqual(['Error: first', 'Error: second']);
    expect(errors[1]?.[1]).toMatchObject({ part: 'handler', handler: 'bad', key: 'a' });
    await stop();
  });

  test('as onSynced: the caches have synced nevertheless', async () => {
    const factory = new SharedInformerFactory(new FakeCluster());
    factory.informerFor(pods);
    factory.start();

    await factory.waitForCacheSync({ onSynced: rejects });
    await factory.shutdown();

    expect(warnings).toEqual(['Informer "pods" failed: listener: second']);
  });

  test('as filter: each event is reported, and none is told', async () => {
    const { informer, source, clock, errors, stop } = running();
    const told: string[] = [];
    const handler = filteringHandler<Thing>(rejects, {
      add: ({ metadata }) => void told.push(metadata.name),
    });
    informer.addEventHandler(handler);

    await source.store.replace([thing('a', 1)], '1');
    await clock.settle();

    expect(errors.map(([error]) => String(error))).toEqual([
      'TypeError: The filter returned a promise: it must answer true or false',
    ]);
    expect(told).toEqual([]);
    await stop();
  });

  test('as metrics: each member is reported once', async () => {
    const { source, clock, errors, stop } = running({ metrics: { storeResourceVersion: rejects } });

    await source.store.replace([], '1');
    await source.store.replace([], '2');
    await clock.settle();

    expect(errors.map(([error, { part }]) => `${part}: ${String(error)}`)).toEqual([
      'metrics: Error: second',
    ]);
    await stop();
  });
});

describe('what cannot work is refused at once', () => {
  test.each([undefined, {}, { signal: 'stop' }])(
    'a run with %j, and the informer can be run later',
    async (options) => {
      const { informer } = setup();

      // What a program in JavaScript can pass.
      await expect(informer.run(options as { signal: AbortSignal })).rejects.toThrow(
        /^Cannot run informer "things": there must be a signal, such as new AbortController\(\)\.signal/,
      );

      expect(informer.isRunning).toBe(false);
      await informer.run({ signal: AbortSignal.abort() });
    },
  );

  test.each([
    { labelSelector: 'app in (' },
    { fieldSelector: 'metadata.name' },
    // What a program in JavaScript can pass.
    { labelSelector: { app: 'web' } as unknown as string },
    { fieldSelector: 5 as unknown as string },
  ])('the selector %o, be it asked for or put in by tweakListOptions', (selectors) => {
    const words = Object.values(selectors).every((one) => typeof one === 'string')
      ? 'selector "'
      : `as ${Object.keys(selectors).join('')}: it must be text`;
    const factory = new SharedInformerFactory(new FakeCluster());
    const tweaked = new SharedInformerFactory(new FakeCluster(), {
      tweakListOptions: () => selectors,
    });

    expect(() => factory.informerFor(pods, selectors)).toThrow(words);
    expect(() => tweaked.informerFor(pods)).toThrow(words);
  });

  test.each(['transform', 'onError', 'newReflector'])('a %s that is no function', (name) => {
    expect(() => setup({ [name]: 5 })).toThrow(`Cannot use a value of type number as ${name}`);
  });

  test('what is no client, no resource or no signal', () => {
    const factory = new SharedInformerFactory(new FakeCluster());

    // What a program in JavaScript can pass.
    expect(() => new SharedInformerFactory(undefined as never)).toThrow('they need a client');
    expect(() => factory.informerFor(undefined as never)).toThrow(
      'Cannot watch undefined: it is no resource; make one with defineResource',
    );
    expect(() => factory.start({ signal: 'stop' as never })).toThrow(
      "Cannot start informers: there must be a signal, such as new AbortController().signal, and it is 'stop'",
    );
  });
});

test('an error that throws when it is read is reported all the same', async () => {
  const unreadable = Object.defineProperty(new Error('full'), 'message', {
    get() {
      throw new Error('broken');
    },
  });
  const add = (): never => {
    throw unreadable;
  };
  const { informer, source, clock, stop } = running({ onError: undefined });
  informer.addEventHandler({ add }, { name: 'bad' });

  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  expect(informer.hasSynced).toBe(true);
  expect(warnings).toEqual([
    'Informer "things" failed: handler "bad" add "a": an error that cannot be read',
  ]);
  await stop();
});
