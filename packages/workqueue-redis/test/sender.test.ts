import { expect, test } from 'vitest';
import { Report } from '../src/report.ts';
import { Sender } from '../src/sender.ts';
import { FullError, RefusedError, UnavailableError } from '../src/transport.ts';
import { FakeServer } from './fake-server.ts';

async function rig(): Promise<{ readonly server: FakeServer; readonly sender: Sender }> {
  const server = new FakeServer();
  const up: { ready?: () => void } = {};
  const link = await server.link({ onReady: () => up.ready?.() });
  const sender = new Sender(link, server.report, server.clock);
  up.ready = () => sender.resend();
  return { server, sender };
}

test('what has no answer when the connection is lost is sent again on the next one, in order', async () => {
  const { server, sender } = await rig();
  const answers = [sender.call('add', () => ['a']), sender.call('add', () => ['b'])];

  server.cut();
  await server.clock.stepAsync(1000);
  const again = server.calls.slice(2);
  for (const call of again) call.answer(1);

  expect(again.map(({ args }) => args)).toEqual([['a'], ['b']]);
  expect(await Promise.all(answers)).toEqual([1, 1]);
  expect(sender.size).toBe(0);
});

test('what is added while the server is away is one call, with each key once and its highest priority', async () => {
  const { server, sender } = await rig();
  server.isAway = true;
  server.cut();
  const added = [sender.add('a', 0), sender.add('b', 0), sender.add('a', 5), sender.add('a', 1)];
  const waiting = sender.size;

  server.isAway = false;
  await server.clock.stepAsync(10_000);
  for (const call of server.calls) call.answer(1);
  await Promise.all(added);

  expect(waiting).toBe(2);
  expect(server.calls.map(({ script, args }) => [script, ...args])).toEqual([
    ['addAll', 'a', '5', 'b', '0'],
  ]);
});

test('what is added in one turn of the event loop is one call for every five hundred keys', async () => {
  const { server, sender } = await rig();
  for (let key = 0; key < 1200; key += 1) void sender.add(`k${key}`, 0);
  await server.clock.settle();

  expect(server.calls.map(({ args }) => args.length / 2)).toEqual([500, 500, 200]);
});

test('a key that is added again after it was sent is sent again', async () => {
  const { server, sender } = await rig();
  void sender.add('a', 0);
  await server.clock.settle();
  void sender.add('a', 0);
  await server.clock.settle();

  expect(server.calls).toHaveLength(2);
});

test('an addition that the server refuses is rejected', async () => {
  const { server, sender } = await rig();
  const added = sender.add('a', 0);
  await server.clock.settle();

  server.calls[0]?.fail(new RefusedError('WRONGTYPE'));

  await expect(added).rejects.toThrow('WRONGTYPE');
  await sender.flushed();
});

test('arguments are asked for each time, because time passes', async () => {
  const { server, sender } = await rig();
  const startMs = server.clock.now();
  void sender.call('add', () => [server.clock.now() > startMs ? 'later' : 'now']);

  server.cut();
  await server.clock.stepAsync(1000);

  expect(server.calls.map(({ args }) => args)).toEqual([['now'], ['later']]);
});

test('what the server refuses is rejected and not sent again', async () => {
  const { server, sender } = await rig();
  const answer = sender.call('add', () => ['a']);

  server.calls[0]?.fail(new RefusedError('WRONGTYPE'));

  await expect(answer).rejects.toThrow('WRONGTYPE');
  expect(sender.size).toBe(0);
  expect(server.connections).toBe(1);
});

test('what the server cannot do now is sent again on another connection', async () => {
  const { server, sender } = await rig();
  const answer = sender.call('add', () => ['a']);

  server.calls[0]?.fail(new UnavailableError('READONLY'));
  await server.clock.stepAsync(1000);
  server.calls[1]?.answer(1);

  expect(await answer).toBe(1);
  expect(server.connections).toBe(2);
});

test('what the server has no room for is sent again on the same connection, after a while', async () => {
  const { server, sender } = await rig();
  const answers = [sender.call('add', () => ['a']), sender.call('add', () => ['b'])];

  server.calls[0]?.fail(new FullError('OOM'));
  server.calls[1]?.fail(new FullError('OOM'));
  await server.clock.stepAsync(999);
  const before = server.calls.length;
  await server.clock.stepAsync(1);
  for (const call of server.calls.slice(2)) call.answer(1);

  expect(await Promise.all(answers)).toEqual([1, 1]);
  expect([before, server.calls.length, server.connections]).toEqual([2, 4, 1]);
  expect(server.errors.map(String)).toEqual(['FullError: OOM']);
});

test('additions that the server has no room for are kept and sent again, each key once', async () => {
  const { server, sender } = await rig();
  const first = sender.add('a', 0);
  await server.clock.settle();
  const flushed = sender.flushed();
  server.calls[0]?.fail(new FullError('OOM'));
  await server.clock.settle();
  const more = [sender.add('a', 5), sender.add('b', 0), sender.add('b', 0)];
  await server.clock.stepAsync(999);
  const before = [server.calls.length, sender.size];

  await server.clock.stepAsync(1);
  server.calls[1]?.answer(1);
  await Promise.all([first, ...more, flushed]);

  expect(before).toEqual([1, 2]);
  expect(server.calls.map(({ args }) => args)).toEqual([
    ['a', '0'],
    ['a', '5', 'b', '0'],
  ]);
  expect(sender.size).toBe(0);
});

test('closing while the server has no room for additions rejects them', async () => {
  const { server, sender } = await rig();
  const added = [sender.add('a', 0)];
  await server.clock.settle();
  server.calls[0]?.fail(new FullError('OOM'));
  await server.clock.settle();
  added.push(sender.add('a', 0));

  sender.close(new Error('closed'));

  const statuses = (await Promise.allSettled(added)).map(({ status }) => status);
  expect(statuses).toEqual(['rejected', 'rejected']);
  await server.clock.stepAsync(20_000);
  expect(server.calls).toHaveLength(1);
});

test('closing while the server has no room leaves no timer', async () => {
  const { server, sender } = await rig();
  const answer = sender.call('add', () => ['a']);
  server.calls[0]?.fail(new FullError('OOM'));
  await server.clock.settle();

  sender.close(new Error('closed'));
  await server.clock.stepAsync(20_000);

  await expect(answer).rejects.toThrow('closed');
  expect(server.clock.pending).toBe(0);
});

test('flushed waits for every answer', async () => {
  const { server, sender } = await rig();
  void sender.call('add', () => ['a']);
  let isFlushed = false;
  const flushed = sender.flushed().then(() => (isFlushed = true));
  await server.clock.settle();
  const before = isFlushed;

  server.calls[0]?.answer(1);
  await flushed;

  expect([before, isFlushed]).toEqual([false, true]);
});

test('closing rejects what has no answer, what comes later, and those who wait for the flush', async () => {
  const { sender } = await rig();
  const calls = [sender.call('add', () => ['a']), sender.add('b', 0), sender.flushed()];
  const settled = Promise.allSettled(calls);

  sender.close(new Error('closed'));

  const statuses = (await settled).map(({ status }) => status);
  expect(statuses).toEqual(['rejected', 'rejected', 'rejected']);
  await expect(sender.call('add', () => ['b'])).rejects.toThrow('closed');
});

test('how much waits for an answer is told whenever it changes, also while the server is away', async () => {
  const server = new FakeServer();
  const sizes: number[] = [];
  const counter = { inc: () => undefined };
  const outbox = { set: (size: number) => void sizes.push(size) };
  const report = new Report(() => undefined, {
    outbox,
    queued: { set: () => undefined },
    expiries: counter,
    staleRuns: counter,
    disconnects: counter,
    resends: counter,
    parked: counter,
  });
  const up: { ready?: () => void } = {};
  const sender = new Sender(
    await server.link({ onReady: () => up.ready?.() }),
    report,
    server.clock,
  );
  up.ready = () => sender.resend();
  server.isAway = true;
  server.cut();

  const added = [sender.add('a', 0), sender.add('b', 0)];
  expect(sizes.at(-1)).toBe(2);
  server.isAway = false;
  await server.clock.stepAsync(10_000);
  for (const call of server.calls) call.answer(1);
  await Promise.all(added);
  expect(sizes.at(-1)).toBe(0);

  void sender.add('c', 0);
  expect(sizes.at(-1)).toBe(1);
  sender.close(new Error('closed'));
  expect(sizes.at(-1)).toBe(0);
});
