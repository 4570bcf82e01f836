import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { array, assert, asyncProperty, constantFrom, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { SharedInformer } from '../src/index.ts';
import { FakeCollection } from './support/fake-collection.ts';
import { Observer } from './support/observer.ts';
import { recorder, type Thing } from './support/scripted.ts';

interface Story {
  readonly clock: FakeClock;
  readonly server: FakeCollection;
  readonly informer: SharedInformer<Thing>;
  readonly errors: string[];
  readonly stop: () => Promise<void>;
}

/** An informer with its real reflector on a scripted server. */
function story(prepare: (server: FakeCollection) => void = () => {}): Story {
  const clock = new FakeClock();
  const server = new FakeCollection();
  prepare(server);
  const errors: string[] = [];
  const informer = new SharedInformer({
    listerWatcher: server,
    name: 'things',
    clock,
    reflector: { random: () => 0 },
    onError: (error, { phase }) => errors.push(`${phase}: ${String(error)}`),
  });
  const abort = new AbortController();
  const ended = informer.run({ signal: abort.signal });
  const stop = (): Promise<void> => (abort.abort(), ended);
  return { clock, server, informer, errors, stop };
}

test('a dropped connection is opened again, and what was missed is told', async () => {
  const { clock, server, informer, stop } = story((made) => made.write('a'));
  const { log, handler } = recorder();
  informer.addEventHandler(handler);
  await clock.stepAsync(10_000);

  server.drop();
  server.write('b');
  server.delete('a');
  await clock.stepAsync(60_000);

  expect(log).toEqual(['add a1!', 'add b2', 'delete a3']);
  expect(server.openWatches).toBe(1);
  await stop();
});

test('when the history is gone the cache is listed again, and missed deletions are tombstones', async () => {
  const { clock, server, informer, stop } = story((made) => {
    made.write('a');
    made.write('b');
  });
  const { log, handler } = recorder();
  informer.addEventHandler(handler);
  await clock.stepAsync(0);

  server.outage = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  server.drop();
  server.delete('a');
  server.write('b');
  server.compact();
  await clock.stepAsync(5000);
  const during = [informer.lister.list().length, informer.hasSynced];
  server.outage = undefined;
  await clock.stepAsync(120_000);

  expect(during).toEqual([2, true]);
  expect(log).toEqual(['add a1!', 'add b2!', 'gone a1', 'update b2 b4']);
  await stop();
});

test('a list that fails is tried again, and the error is reported meanwhile', async () => {
  const forbidden = Object.assign(new Error('pods is forbidden'), { code: 403 });
  const { clock, server, informer, errors, stop } = story((made) => (made.outage = forbidden));
  await clock.stepAsync(2000);
  const before = [informer.hasSynced, informer.lastFailure?.phase];

  server.outage = undefined;
  await clock.stepAsync(60_000);

  expect(before).toEqual([false, 'list']);
  expect(errors[0]).toBe('list: Error: pods is forbidden');
  expect([informer.hasSynced, informer.lastFailure]).toEqual([true, undefined]);
  await stop();
});

test('a kind that the server knows no more is called gone, and when it is back the differences are told', async () => {
  const { clock, server, informer, stop } = story((made) => {
    made.write('a');
    made.write('b');
  });
  const { log, handler } = recorder();
  informer.addEventHandler(handler);
  await clock.stepAsync(0);
  const states = [informer.describe().isGone];
  log.length = 0;

  server.outage = Object.assign(new Error('page not found'), { code: 404 });
  server.drop();
  server.delete('a');
  server.write('c');
  server.compact();
  await clock.stepAsync(300_000);
  states.push(informer.describe().isGone);
  const during = [informer.lister.list().length, ...log];
  server.outage = undefined;
  await clock.stepAsync(60_000);
  states.push(informer.describe().isGone);

  expect(states).toEqual([false, true, false]);
  expect(during).toEqual([2]);
  expect(log).toEqual(['gone a1', 'add c4']);
  await stop();
});

test('bookmarks move the version of the cache forward', async () => {
  const { clock, server, informer, stop } = story((made) => made.write('a'));
  await clock.stepAsync(0);
  const before = informer.lastStoreSyncResourceVersion;

  server.elsewhere();
  server.bookmark();
  await clock.stepAsync(0);

  expect([before, informer.lastStoreSyncResourceVersion]).toEqual(['1', '2']);
  await stop();
});

test('handlers are resynced while the watch is open', async () => {
  const clock = new FakeClock();
  const server = new FakeCollection();
  const informer = new SharedInformer({ listerWatcher: server, clock, resyncPeriodMs: 30_000 });
  const { log, handler } = recorder();
  informer.addEventHandler(handler);
  const abort = new AbortController();
  server.write('a');
  const ended = informer.run({ signal: abort.signal });

  await clock.stepAsync(65_000);

  expect(log).toEqual(['add a1!', 'update a1 a1', 'update a1 a1']);
  abort.abort();
  await ended;
  expect(clock.pending).toBe(0);
});

test('whatever the connection goes through, the cache and every handler end with the truth', async () => {
  const step = tuple(
    constantFrom(
      ...([
        'write',
        'write',
        'write',
        'delete',
        'drop',
        'end',
        'compact',
        'refuse',
        'recover',
      ] as const),
      'pass' as const,
    ),
    constantFrom('a', 'b', 'c'),
  );
  await assert(
    asyncProperty(array(step, { maxLength: 50 }), async (script) => {
      const { clock, server, informer, stop } = story();
      const observers = [new Observer(), new Observer(() => Promise.resolve())];
      for (const observer of observers) informer.addEventHandler(observer);

      for (const [what, name] of script) {
        if (what === 'write' || what === 'delete') server[what](name);
        else if (what === 'drop' || what === 'end' || what === 'compact') server[what]();
        else if (what === 'pass') await clock.stepAsync(1500);
        else server.outage = what === 'refuse' ? refused : undefined;
      }
      server.outage = undefined;
      await clock.stepAsync(300_000);

      const cached = new Map(informer.lister.list().map((obj) => [obj.metadata.name, obj]));
      expect(cached).toEqual(server.objects);
      for (const { seen, complaints } of observers) {
        expect(complaints).toEqual([]);
        expect(seen).toEqual(server.objects);
      }
      await stop();
      expect([clock.pending, server.openWatches]).toEqual([0, 0]);
    }),
    { numRuns: 40 },
  );
});

const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
