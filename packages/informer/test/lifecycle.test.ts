import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recorder, running, type Setup, setup, thing } from './support/scripted.ts';

let warnings: string[] = [];

beforeEach(() => {
  warnings = [];
  vi.spyOn(process, 'emitWarning').mockImplementation(
    (warning) => void warnings.push(String(warning)),
  );
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('the life of an informer is told in order', async () => {
  const made = setup();
  const told: string[] = [];
  for (const name of ['started', 'replaced', 'synced', 'stopped'] as const)
    made.informer.on(name, () => void told.push(name));

  made.run();
  await made.source.store.replace([], '1');
  await made.source.store.replace([], '2');
  await made.clock.settle();
  await made.stop();

  expect(told).toEqual(['started', 'replaced', 'synced', 'replaced', 'stopped']);
});

test('a listener that was taken back is not called, and one for once is called once', async () => {
  const made = setup();
  const told: string[] = [];
  const listener = (): void => void told.push('on');
  made.informer.on('started', listener).once('started', () => void told.push('once'));

  made.run();
  await made.stop();
  made.informer.off('started', listener);
  made.run();
  await made.stop();

  expect(told).toEqual(['on', 'once']);
});

test('listeners that throw or reject disturb nobody and are reported', async () => {
  const made = setup();
  const told: string[] = [];
  made.informer.on('started', () => {
    throw new Error('thrown');
  });
  made.informer.on('started', () => Promise.reject(new Error('rejected')) as unknown as void);
  made.informer.on('started', () => void told.push('next'));

  made.run();
  await made.clock.settle();

  expect(told).toEqual(['next']);
  expect(warnings).toEqual([
    'Informer "things" failed: listener: thrown',
    'Informer "things" failed: listener: rejected',
  ]);
  await made.stop();
});

test('failures of the source go to error listeners and onError, and to the process when there are none', async () => {
  const silent = running({ onError: undefined });
  const failure = Object.assign(new Error('no'), { code: 403 });
  const context = {
    name: 'things',
    phase: 'list',
    action: 'list',
    next: 'retry in 800 ms',
    retryInMs: 800,
    resourceVersion: '',
  } as const;

  silent.source.settings.onError?.(failure, context);
  const heard: unknown[] = [];
  silent.informer.on('error', (error, { part, phase, next }) =>
    heard.push(error, part, phase, next),
  );
  silent.source.settings.onError?.(failure, context);

  expect(warnings).toEqual(['Informer "things" failed: list: no (retry in 800 ms)']);
  expect(heard).toEqual([failure, 'source', 'list', 'retry in 800 ms']);
  expect(silent.informer.lastFailure).toEqual({ error: failure, phase: 'list' });
  await silent.stop();
});

test.each([
  ['a list', ({ source }: Setup) => void source.store.replace([], '1')],
  ['an event', ({ source }: Setup) => source.add(thing('a', 1))],
  ['a bookmark', ({ source }: Setup) => void source.store.bookmark?.('2')],
])('%s clears the last failure of the source', async (_, deliver) => {
  const made = running();
  const { informer, source, clock, stop } = made;
  source.settings.onError?.(new Error('no'), {
    name: 'things',
    phase: 'list',
    action: 'list',
    next: '',
    retryInMs: 0,
    resourceVersion: '',
  });

  expect(informer.lastFailure).toBeDefined();

  deliver(made);
  await clock.settle();

  expect(informer.lastFailure).toBeUndefined();
  await stop();
});

test('what came before a failure and is stored after it does not clear it', async () => {
  const { informer, source, clock, stop } = running();
  await source.store.replace([], '1');
  source.add(thing('a', 2));
  source.resync();

  source.settings.onError?.(new Error('no'), {
    name: 'things',
    phase: 'watch',
    action: 'watch',
    next: '',
    retryInMs: 0,
    resourceVersion: '2',
  });
  await clock.settle();

  expect(informer.indexer.listKeys()).toEqual(['a']);
  expect(informer.lastFailure).toBeDefined();
  await stop();
});

test('a handler that throws where nobody listens becomes a warning of the process that names it', async () => {
  const { informer, source, clock, stop } = running({ onError: undefined });
  informer.addEventHandler(
    {
      add: () => {
        throw new Error('boom');
      },
    },
    { name: 'bad' },
  );

  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  expect(warnings).toEqual(['Informer "things" failed: handler "bad" add "a": boom']);
  await stop();
});

test('an onError that throws does not stop the informer, and both failures reach the process', async () => {
  const { informer, source, clock, stop } = running({
    onError: () => {
      throw new Error('second');
    },
  });

  await source.store.replace([thing('', 1)], '1');
  await clock.settle();

  expect(informer.hasSynced).toBe(true);
  expect(warnings[0]).toBe('Informer "things" failed: listener: second');
  expect(warnings[1]).toMatch('Informer "things" failed: store');
  await stop();
});

test('an index function that fails is reported; an event is left out, a list is not accepted, and handlers hear of neither', async () => {
  const { informer, source, clock, errors, stop } = running({
    indexers: {
      bad: (obj) => {
        if (obj.metadata.name === 'bad') throw new Error('no value');
        return [];
      },
    },
  });
  const { log, handler } = recorder();
  informer.addEventHandler(handler);

  const refused = source.store.replace([thing('bad', 1)], '1');
  await expect(refused).rejects.toThrow('no value');
  const syncedAfterwards = informer.hasSynced;
  await source.store.replace([thing('a', 1)], '2');
  source.add(thing('bad', 3));
  source.add(thing('b', 4));
  await clock.settle();

  expect(syncedAfterwards).toBe(false);
  expect(informer.indexer.listKeys()).toEqual(['a', 'b']);
  expect(log).toEqual(['add a1!', 'add b4']);
  expect(errors).toMatchObject([[{}, { part: 'store', key: 'bad' }]]);
  await stop();
});
