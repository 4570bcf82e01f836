import { expect, test } from 'vitest';
import { deferred, recorder, running, short, thing } from './support/scripted.ts';

/** A handler whose calls end when the test says so, one at a time. */
function slow(): {
  log: string[];
  add: () => Promise<void>;
  update: () => Promise<void>;
  next: () => void;
} {
  const log: string[] = [];
  let end = (): void => {};
  const begin = (words: string): Promise<void> => {
    log.push(words);
    const { promise, resolve } = deferred();
    end = resolve;
    return promise;
  };
  return {
    log,
    add: () => begin('add'),
    update: () => begin('update'),
    next: () => end(),
  };
}

test('calls of one handler never overlap, and a slow one holds up neither the cache nor its neighbours', async () => {
  const { informer, source, clock } = running();
  const handler = slow();
  const { log, handler: neighbour } = recorder();
  informer.addEventHandler(handler);
  informer.addEventHandler(neighbour);

  await source.store.replace([thing('a', 1)], '1');
  source.add(thing('b', 2));
  await clock.settle();

  expect(handler.log).toEqual(['add']);
  expect(log).toEqual(['add a1!', 'add b2']);
});

test('changes that a handler has not begun with are merged for each key, and the backlog counts keys', async () => {
  const { informer, source, clock } = running();
  const calls: string[] = [];
  const work = deferred();
  const registration = informer.addEventHandler({
    add: async (obj) => {
      calls.push(`add ${short(obj)}`);
      await work.promise;
    },
    update: async (oldObj, newObj) => void calls.push(`update ${short(oldObj)} ${short(newObj)}`),
  });
  await source.store.replace([thing('a', 1)], '1');

  for (const version of [2, 3, 4]) source.update(thing('a', version));
  source.add(thing('b', 5));
  source.update(thing('b', 6));
  await clock.settle();
  const { backlog } = registration;
  work.resolve();
  await clock.settle();

  expect(backlog).toBe(2);
  expect(calls).toEqual(['add a1', 'update a1 a4', 'add b6']);
  expect(registration.backlog).toBe(0);
});

test('a handler whose buffer is full makes the source wait, and nothing is lost', async () => {
  const { informer, source, clock } = running({ queueSize: 1 });
  const handler = slow();
  const registration = informer.addEventHandler(handler, { bufferSize: 2 });
  await source.store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3');
  await clock.settle();

  let wentOn = false;
  const waiting = Promise.resolve(source.store.add(thing('d', 4))).then(() => (wentOn = true));
  await clock.settle();
  const atTheBound = [registration.backlog, wentOn, informer.hasSynced];
  for (const _ of 'abcd') {
    handler.next();
    await clock.settle();
  }
  await waiting;

  expect(atTheBound).toEqual([2, false, false]);
  expect(handler.log).toEqual(['add', 'add', 'add', 'add']);
  expect([registration.backlog, informer.hasSynced]).toEqual([0, true]);
});

test('a promise that rejects is reported like a throw', async () => {
  const { informer, source, clock, errors } = running();
  const failure = new Error('boom');
  const registration = informer.addEventHandler(
    { add: () => Promise.reject(failure) },
    { name: 'bad' },
  );

  await source.store.replace([thing('a', 1)], '1');
  await registration.synced();
  await clock.settle();

  expect(errors).toMatchObject([[failure, { handler: 'bad', event: 'add', key: 'a' }]]);
  expect(registration.errors).toBe(1);
});

test('a handler with onError takes its own failures', async () => {
  const { informer, source, clock, errors } = running();
  const own: unknown[] = [];
  informer.addEventHandler({
    add: () => {
      throw new Error('boom');
    },
    onError: (error, { key }) => own.push([String(error), key]),
  });

  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  expect(own).toEqual([['Error: boom', 'a']]);
  expect(errors).toEqual([]);
});

test('an onError that throws is reported together with what it should have taken', async () => {
  const { informer, source, clock, errors } = running();
  informer.addEventHandler({
    add: () => Promise.reject(new Error('first')),
    onError: () => {
      throw new Error('second');
    },
  });

  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  expect(errors.map(([error]) => String(error))).toEqual(['Error: first', 'Error: second']);
});

test('handlers are named by option, class or number', () => {
  const { informer } = running();
  class Printer {
    add(): void {}
  }

  const names = [
    informer.addEventHandler({}),
    informer.addEventHandler(new Printer()),
    informer.addEventHandler({}, { name: 'mine' }),
  ].map((registration) => registration.name);

  expect(names).toEqual(['handler-1', 'Printer', 'mine']);
});

test('figures are told: queue, latency, version, backlog and failures', async () => {
  const figures: string[] = [];
  const { informer, source, clock } = running({
    metrics: {
      queuedItems: (count) => figures.push(`queued ${count}`),
      processingLatency: (seconds) => figures.push(`latency ${seconds}`),
      storeResourceVersion: (version) => figures.push(`version ${version}`),
      handlerBacklog: (handler, count) => figures.push(`backlog ${handler} ${count}`),
      handlerErrors: (handler, count) => figures.push(`errors ${handler} ${count}`),
    },
  });
  informer.addEventHandler({
    add: async () => {
      throw new Error('boom');
    },
  });

  await source.store.replace([thing('a', 1), thing('b', 2)], '2');
  await clock.settle();

  expect(figures).toEqual([
    'queued 0',
    'version 2',
    'backlog handler-1 1',
    'latency 0',
    'errors handler-1 1',
    'backlog handler-1 0',
    'errors handler-1 2',
  ]);
});

test('metrics that throw are reported once and change nothing', async () => {
  const { informer, source, clock, errors } = running({
    metrics: {
      queuedItems: () => {
        throw new Error('no metrics');
      },
    },
  });

  await source.store.replace([], '1');
  source.add(thing('a', 2));
  await clock.settle();

  expect(informer.lister.list()).toHaveLength(1);
  expect(errors).toEqual([[new Error('no metrics'), { informer: 'things', part: 'metrics' }]]);
});
