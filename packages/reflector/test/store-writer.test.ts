import { describe, expect, test } from 'vitest';
import { harness } from './harness.ts';
import { added, deleted, modified, page, thing, type Thing } from './scripted.ts';

function mark(obj: Thing): Thing {
  if (obj.note === 'odd') throw new Error('odd');
  return { ...obj, note: 'seen' };
}

describe('a transform', () => {
  test('is applied once to each object of a list, an addition and a change', async () => {
    const { server, store, clock, start } = harness({ transform: mark });
    server.onList = () => page('10', [thing('x', '1')]);
    await start();

    server.lastWatch.send(added(thing('y', '11')), modified(thing('x', '12')));
    await clock.settle();

    expect([...store.objects.values()]).toEqual([
      thing('x', '12', 'seen'),
      thing('y', '11', 'seen'),
    ]);
  });

  test('that throws on an object of a list fails the list, which is made again', async () => {
    const { server, store, clock, errors, start } = harness({ transform: mark });
    server.onList = (_, index) => page('10', [thing('x', '1', index === 0 ? 'odd' : 'even')]);

    await start();
    const before = [...store.calls];
    await clock.stepAsync(800);

    expect(before).toEqual([]);
    expect(errors.lines).toEqual(['store: retry in 800 ms from any version']);
    expect(store.names).toEqual(['x']);
  });

  test('that throws on an event is reported and the event skipped', async () => {
    const { server, store, clock, errors, reflector, start } = harness({ transform: mark });
    await start();

    server.lastWatch.send(added(thing('x', '11', 'odd')), added(thing('y', '12')));
    await clock.settle();

    expect(store.names).toEqual(['y']);
    expect(errors.lines).toEqual(['transform: skip it and go on']);
    expect(reflector.lastSyncResourceVersion).toBe('12');
  });

  test('that throws on a deletion does not keep the object alive', async () => {
    const { server, store, clock, start } = harness({ transform: mark });
    server.onList = () => page('10', [thing('x', '1')]);
    await start();

    server.lastWatch.send(deleted(thing('x', '11', 'odd')));
    await clock.settle();

    expect(store.names).toEqual([]);
  });
});

test('a big list with a slow transform lets the event loop turn', async () => {
  const busy = (obj: Thing): Thing => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    return obj;
  };
  const { server, store, start } = harness({ transform: busy });
  server.onList = () =>
    page(
      '10',
      Array.from({ length: 120 }, (_, n) => thing(`t${n}`, `${n}`)),
    );
  let turns = 0;
  const count = (): void => void setImmediate(() => ((turns += 1), store.names.length || count()));

  count();
  await start();
  while (store.names.length === 0) await new Promise((resolve) => void setImmediate(resolve));

  expect(turns).toBeGreaterThan(5);
});

test('a long run of events that are all there already lets the event loop turn', async () => {
  const { server, store, clock, start } = harness();
  await start();
  store.onCall = () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
  };

  server.lastWatch.send(...Array.from({ length: 120 }, (_, n) => added(thing(`t${n}`, `${n}`))));
  await clock.settle();
  const during = store.names.length;
  while (store.names.length < 120) await new Promise((resolve) => void setImmediate(resolve));

  expect(during).toBeLessThan(120);
});
