import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { ControllerOptions } from '../src/controller-options.ts';
import { Controller } from '../src/controller.ts';
import { ManualSource, request } from './support/controller-rig.ts';
import { recordingLogger } from './support/recording-logger.ts';

interface Rig {
  readonly controller: Controller;
  readonly clock: FakeClock;
  readonly source: ManualSource;
  readonly log: ReturnType<typeof recordingLogger>;
  readonly seen: string[];
  /** This process leads from now on. */
  readonly lead: () => Promise<void>;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  readonly end: () => Promise<void>;
}

/** A controller with warm-up that runs and does not lead yet. */
async function standBy(options: Partial<ControllerOptions> = {}): Promise<Rig> {
  const clock = new FakeClock();
  const log = recordingLogger();
  const source = new ManualSource('things');
  const seen: string[] = [];
  const stop = new AbortController();
  const leading = Promise.withResolvers<void>();
  const controller = new Controller({
    name: 'test',
    sources: [source],
    logger: log.logger,
    clock,
    warmup: true,
    reconcile: ({ name }) => void seen.push(name),
    ...options,
  });
  const ended = controller.run({ signal: stop.signal, leading: leading.promise });
  await clock.settle();
  const lead = async (): Promise<void> => {
    leading.resolve();
    await clock.settle();
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { controller, clock, source, log, seen, lead, stop, ended, end };
}

describe('warm-up', () => {
  test('sources start and the queue fills before the leadership, and nothing is reconciled before', async () => {
    const { controller, clock, source, seen, lead, end } = await standBy();
    source.sync();
    for (const name of ['a', 'b', 'a']) await source.context?.enqueue(request(name));
    await clock.settle();

    expect(controller.describe()).toMatchObject({ state: 'standby', queued: 2, running: [] });
    expect(seen).toEqual([]);

    await lead();

    expect(seen).toEqual(['a', 'b']);
    expect(controller.state).toBe('running');
    await end();
  });

  test('the age of an event counts from when this process leads', async () => {
    const ages: number[] = [];
    const metrics = { reconciled: () => {}, eventToReconcile: (ms: number) => void ages.push(ms) };
    const { clock, source, lead, end } = await standBy({
      metrics: { forController: () => metrics },
    });
    source.sync();
    await source.context?.enqueue(request('a'));
    await source.context?.enqueue(request('b'), { afterMs: 1500 });
    await clock.stepAsync(1000);
    await lead();
    await clock.stepAsync(1000);

    expect(ages).toEqual([0, 0]);
    await end();
  });

  test('sources start once, whether the leadership comes before, while or after they sync', async () => {
    const rigs = await Promise.all([standBy(), standBy(), standBy()]);
    const [early, racing, late] = rigs;

    await early.lead();
    early.source.sync();
    racing.source.sync();
    await racing.lead();
    late.source.sync();
    await late.clock.settle();
    await late.lead();
    for (const { source, clock } of rigs) {
      await source.context?.enqueue(request('a'));
      await clock.settle();
    }

    expect(rigs.map(({ source }) => source.starts)).toEqual([1, 1, 1]);
    expect(rigs.map(({ seen }) => seen)).toEqual([['a'], ['a'], ['a']]);
    await Promise.all(rigs.map(({ end }) => end()));
    expect(rigs.map(({ source }) => source.stops)).toEqual([1, 1, 1]);
  });

  test('the leadership alone starts no worker while a source has not synced', async () => {
    const { controller, clock, source, seen, lead, end } = await standBy();
    await source.context?.enqueue(request('a'));

    await lead();

    expect([controller.state, seen]).toEqual(['waiting', []]);
    source.sync();
    await clock.settle();
    expect(seen).toEqual(['a']);
    await end();
  });

  test('a source that fails is reported and started again before the leadership', async () => {
    const { clock, source, log, end } = await standBy();

    source.reject(new Error('403 Forbidden'));
    await clock.stepAsync(30_000);

    expect(log.messages('error')[0]).toBe(
      'The controller could not start source "things" and will try again: 403 Forbidden',
    );
    expect(source.starts).toBe(2);
    await end();
    expect(clock.pending).toBe(0);
  });

  test('sources that are late are named with their reasons before the leadership', async () => {
    const { clock, source, log, end } = await standBy({ cacheSyncTimeoutMs: 100 });
    source.lastError = new Error('404 Not Found');

    await clock.stepAsync(150);

    expect(log.entries.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { waitedMs: 100, missing: ['things: 404 Not Found'] } },
    ]);
    await end();
    expect(clock.pending).toBe(0);
  });

  test('a source that is added later is started, before the leadership and after it', async () => {
    const { controller, clock, source, seen, lead, end } = await standBy();
    source.sync();
    await clock.settle();
    const [before, after] = [new ManualSource('before'), new ManualSource('after', true)];

    controller.addSource(before);
    await clock.settle();
    expect(before.starts).toBe(1);
    await lead();
    expect(controller.state).toBe('standby');
    before.sync();
    await clock.settle();
    expect(controller.state).toBe('running');
    controller.addSource(after);
    await clock.settle();
    await after.context?.enqueue(request('a'));
    await clock.settle();

    expect([after.starts, seen]).toEqual([1, ['a']]);
    expect(controller.describe().sources.map(({ name }) => name)).toEqual([
      'things',
      'before',
      'after',
    ]);
    await end();
    expect([before.stops, after.stops]).toEqual([1, 1]);
    expect(() => controller.addSource(new ManualSource('late'))).toThrow(
      'Cannot add source "late" to controller "test": it is stopped',
    );
  });

  test.each(['while the sources sync', 'while it waits for the leadership'])(
    'a stop %s is no error, and nothing is left',
    async (when) => {
      const { controller, clock, source, seen, end } = await standBy();
      if (when.includes('leadership')) source.sync();
      await source.context?.enqueue(request('a'));
      await clock.settle();

      await end();

      expect([controller.state, source.stops, seen]).toEqual(['stopped', 1, []]);
      expect(clock.pending).toBe(0);
    },
  );

  test('without it nothing starts before the leadership, and all does then', async () => {
    const { controller, clock, source, seen, lead, end } = await standBy({ warmup: false });

    expect([controller.state, source.starts]).toEqual(['standby', 0]);
    expect(() => controller.enqueue(request('a'))).toThrow('its state is standby');

    await lead();
    source.sync();
    await source.context?.enqueue(request('a'));
    await clock.settle();

    expect([source.starts, seen]).toEqual([1, ['a']]);
    await end();
  });

  test('without a leadership to wait for it changes nothing', async () => {
    const source = new ManualSource('things', true);
    const clock = new FakeClock();
    const controller = new Controller({
      name: 'test',
      sources: [source],
      reconcile: () => {},
      clock,
      warmup: true,
    });
    const stop = new AbortController();

    const ended = controller.run({ signal: stop.signal });
    await clock.settle();

    expect(controller.state).toBe('running');
    stop.abort();
    await ended;
  });
});

describe('an abort', () => {
  test('reaches the reconciles that run at once, and lets no other begin', async () => {
    const aborts: unknown[] = [];
    const { controller, clock, source, lead, ended } = await standBy({
      reconcile: async (_request, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        aborts.push([clock.now(), signal.reason]);
      },
    });
    source.sync();
    for (const name of ['a', 'b']) await source.context?.enqueue(request(name));
    await lead();
    const reason = new Error('somebody else leads');

    controller.abort(reason);
    await ended;

    expect(aborts).toEqual([[0, reason]]);
    expect(controller.state).toBe('stopped');
    expect(clock.pending).toBe(0);
  });

  test('that comes when a key has been handed out and not begun puts the key back', async () => {
    const seen: string[] = [];
    const caughtUp = Promise.withResolvers<void>();
    const { controller, clock, source, log, lead, ended } = await standBy({
      barrier: { wait: () => caughtUp.promise },
      reconcile: ({ name }) => void seen.push(name),
    });
    source.sync();
    await source.context?.enqueue(request('a'));
    await lead();
    const added: string[] = [];
    const { queue } = controller;
    if (queue) queue.add = (key) => void added.push(key);

    controller.abort(new Error('somebody else leads'));
    caughtUp.resolve();
    await ended;

    expect([seen, added]).toEqual([[], ['ns/a']]);
    expect(log.messages('error')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('waits a second for a reconcile that takes no notice, and names it', async () => {
    const open = Promise.withResolvers<void>();
    const { controller, clock, source, lead, ended } = await standBy({
      reconcile: () => open.promise,
    });
    source.sync();
    await source.context?.enqueue(request('a'));
    await lead();
    const failure = ended.catch((error: unknown) => String(error));

    controller.abort(new Error('somebody else leads'));
    await clock.stepAsync(1000);

    expect(await failure).toContain('reconciles go on although their signals have aborted: ns/a');
    open.resolve();
  });
});
