import { expect, test } from 'vitest';
import { harness } from './harness.ts';
import { added, ApiError, initialEventsEnd, page, thing } from './scripted.ts';

test('a list follows after each period, at once and no older than what is known, and the watch before it is ended', async () => {
  const { server, store, clock, errors, start } = harness({ relistPeriodMs: 60_000 });
  server.onList = (_request, index) => page(String(10 + index), [thing('x', String(10 + index))]);
  await start();

  await clock.stepAsync(59_999);
  const early = server.lists.length;
  await clock.stepAsync(1);
  const isEnded = server.watches[0]?.isAborted;
  await clock.stepAsync(60_000);

  expect(early).toBe(1);
  expect(isEnded).toBe(true);
  expect(server.listVersions).toEqual(['0', '10', '11']);
  expect(server.watchVersions).toEqual(['10', '11', '12']);
  expect(store.calls).toEqual(['replace 1 at 10', 'replace 1 at 11', 'replace 1 at 12']);
  expect(errors.lines).toEqual([]);
});

test('no list follows when the period is zero', async () => {
  const { server, clock, start } = harness({ idleTimeoutMs: 0 });
  await start();

  await clock.stepAsync(280_000);

  expect(server.lists).toHaveLength(1);
});

test('watches that open and bring nothing do not put the list off', async () => {
  const { server, clock, start } = harness({ idleTimeoutMs: 4000, relistPeriodMs: 10_000 });
  await start();

  for (let second = 0; second < 10; second += 1) await clock.stepAsync(1000);

  expect(server.watches.length).toBeGreaterThan(2);
  expect(server.listVersions).toEqual(['0', '10']);
});

test('a watch that is answered with 429 for ever does not put the list off', async () => {
  const { server, clock, start } = harness({ relistPeriodMs: 10_000 });
  server.onWatch = (watch) => void watch.fail(new ApiError(429, 'TooManyRequests'));
  await start();

  for (let second = 0; second < 10; second += 1) await clock.stepAsync(1000);

  expect(server.listVersions).toEqual(['0', '10']);
});

test('a list that a failure brings counts: the next is due a period later', async () => {
  const { server, clock, start } = harness({ relistPeriodMs: 10_000 });
  await start();
  await clock.stepAsync(6000);
  server.lastWatch.fail(new ApiError(410, 'Expired'));
  await clock.stepAsync(800);

  await clock.stepAsync(9999);
  const early = server.lists.length;
  await clock.stepAsync(1);

  expect(early).toBe(2);
  expect(server.lists).toHaveLength(3);
});

test('the periods of several reflectors are spread over a tenth', async () => {
  const { server, clock, start } = harness({ relistPeriodMs: 10_000, random: () => 0.5 });
  await start();

  await clock.stepAsync(10_499);
  const early = server.lists.length;
  await clock.stepAsync(1);

  expect(early).toBe(1);
  expect(server.lists).toHaveLength(2);
});

test('an event that is being stored is stored before the list', async () => {
  const { server, store, clock, start } = harness({ relistPeriodMs: 1000 });
  await start();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  store.onCall = (call) => (call === 'add x' ? gate : undefined);
  server.lastWatch.send(added(thing('x', '11')));
  await clock.settle();

  await clock.stepAsync(1000);
  const before = [...store.calls];
  open();
  await clock.settle();

  expect(before).toEqual(['replace 0 at 10', 'add x']);
  expect(store.calls).toEqual(['replace 0 at 10', 'add x', 'replace 0 at 10']);
  expect(server.listVersions).toEqual(['0', '11']);
});

test('a periodic list is streamed where lists are', async () => {
  const { server, store, clock, start } = harness({
    relistPeriodMs: 1000,
    supportsWatchList: true,
  });
  server.onWatch = (watch, index) => void watch.send(initialEventsEnd(String(20 + index)));
  await start();

  await clock.stepAsync(1000);

  expect(server.lists).toEqual([]);
  expect(store.calls).toEqual(['replace 0 at 20', 'replace 0 at 21']);
});

test('a periodic list is counted as one', async () => {
  const reasons: string[] = [];
  const { clock, start } = harness({
    relistPeriodMs: 1000,
    metrics: { listed: ({ reason }) => void reasons.push(reason) },
  });
  await start();

  await clock.stepAsync(1000);

  expect(reasons).toEqual(['initial', 'periodic']);
});

test('a stop leaves no timer of the period', async () => {
  const { clock, start, stop } = harness({ relistPeriodMs: 1000 });
  await start();

  await stop();

  expect(clock.pending).toBe(0);
});

test('a period that is none is refused', () => {
  expect(() => harness({ relistPeriodMs: -1 })).toThrow(RangeError);
  expect(() => harness({ relistPeriodMs: Number.NaN })).toThrow(/relistPeriodMs/);
});
