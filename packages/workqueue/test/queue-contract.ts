import { describe, expect, test } from 'vitest';
import { FakeClock as Clock, type FakeClock } from '@kubeloop/ratelimiter/testing';
import type { DrainOptions, GetOptions, GetResult, QueueDescription } from '@kubeloop/workqueue';

/** What every queue of this package can do. */
export interface AnyQueue<T> extends AsyncIterable<T> {
  add(item: T): void;
  get(options?: GetOptions): Promise<GetResult<T>>;
  done(item: T): void;
  readonly length: number;
  readonly shuttingDown: boolean;
  shutDown(): void;
  shutDownWithDrain(options?: DrainOptions): Promise<void>;
  describe(): QueueDescription<T>;
}

/** The queue to test. */
export interface Subject {
  make<T>(options: { clock: FakeClock; keyOf?: (item: T) => string }): AnyQueue<T>;
  /** Whether `length` counts an item that was added again while it is processed. */
  readonly countsItemsInWork: boolean;
}

export async function take<T>(queue: AnyQueue<T>): Promise<T> {
  const result = await queue.get();
  if (result.shutdown) throw new Error('The queue is shut down, an item was expected');
  return result.item;
}

/** Says whether a promise has settled, after all that can happen without time passing. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  await new Clock().settle();
  return settled;
}

/** What every queue promises, whatever else it can do. */
export function describeQueueContract(name: string, subject: Subject): void {
  const make = (): AnyQueue<string> => subject.make({ clock: new Clock() });

  describe(`${name}: items`, () => {
    test('items are handed out in the order in which they were added', async () => {
      const queue = make();
      for (const item of ['a', 'b', 'c']) queue.add(item);

      expect([await take(queue), await take(queue), await take(queue)]).toEqual(['a', 'b', 'c']);
    });

    test('a queued item that is added again is queued once, and keeps its place', async () => {
      const queue = make();
      for (const item of ['a', 'b', 'a']) queue.add(item);

      expect(queue.length).toBe(2);
      expect([await take(queue), await take(queue), queue.length]).toEqual(['a', 'b', 0]);
    });

    test('the length counts queued items, and adding one of them again leaves it unchanged', async () => {
      const queue = make();
      const lengths = [queue.length];
      for (const item of ['a', 'b', 'b']) lengths.push((queue.add(item), queue.length));
      await take(queue);

      expect([...lengths, queue.length]).toEqual([0, 1, 2, 2, 1]);
    });

    test('an item that is added while it is processed is handed out again after done, once', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      for (let i = 0; i < 5; i += 1) queue.add('a');
      const lengthInWork = queue.length;
      queue.done('a');
      const lengthAfterDone = queue.length;

      const again = await take(queue);
      queue.done('a');

      expect([lengthInWork, lengthAfterDone, again, queue.length]).toEqual([
        subject.countsItemsInWork ? 1 : 0,
        1,
        'a',
        0,
      ]);
    });

    test('no second worker gets an item before it is done', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      queue.add('a');
      const second = queue.get();
      const early = await isSettled(second);

      queue.done('a');

      expect(early).toBe(false);
      expect(await second).toMatchObject({ item: 'a', shutdown: false });
    });

    test('done of an item that is not processed does nothing', async () => {
      const queue = make();
      queue.add('queued');

      queue.done('queued');
      queue.done('unknown');

      expect([queue.length, await take(queue), queue.length]).toEqual([1, 'queued', 0]);
    });

    test('done called twice does nothing the second time', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      queue.add('a');

      queue.done('a');
      queue.done('a');

      expect([queue.length, await take(queue), queue.length]).toEqual([1, 'a', 0]);
    });

    test('primitives are told apart by value and kind', async () => {
      const queue = subject.make<unknown>({ clock: new Clock() });
      for (const item of [1, '1', 1n, true, null, Number.NaN, Number.NaN]) queue.add(item);

      expect(queue.length).toBe(6);
    });

    test('objects are refused unless keyOf tells them apart', () => {
      const queue = subject.make<object>({ clock: new Clock() });

      expect(() => queue.add({})).toThrow(TypeError);
      expect(queue.length).toBe(0);
    });

    test('objects with the same key are one item, and the newest one is handed out', async () => {
      const keyOf = (item: { id: string; version: number }): string => item.id;
      const queue = subject.make({ clock: new Clock(), keyOf });
      queue.add({ id: 'a', version: 1 });
      queue.add({ id: 'a', version: 2 });

      const first = await take(queue);
      queue.add({ id: 'a', version: 3 });
      queue.add({ id: 'a', version: 4 });
      queue.done({ id: 'a', version: 0 });

      expect([first, queue.length, await take(queue)]).toEqual([
        { id: 'a', version: 2 },
        1,
        { id: 'a', version: 4 },
      ]);
    });
  });

  describe(`${name}: waiting for items`, () => {
    test('a get waits until an item is added', async () => {
      const queue = make();
      const getting = queue.get();
      const early = await isSettled(getting);

      queue.add('a');

      expect([early, (await getting).item]).toEqual([false, 'a']);
    });

    test('waiting gets are served in the order in which they came, one item each', async () => {
      const queue = make();
      const gets = [queue.get(), queue.get(), queue.get()];

      for (const item of ['a', 'b', 'c']) queue.add(item);

      expect((await Promise.all(gets)).map((result) => result.item)).toEqual(['a', 'b', 'c']);
      expect(queue.length).toBe(0);
    });

    test('a get with an aborted signal rejects with its reason and takes nothing', async () => {
      const queue = make();
      queue.add('a');

      await expect(queue.get({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');

      expect(queue.length).toBe(1);
    });

    test('a waiting get that is aborted rejects, and its item goes to the next one', async () => {
      const queue = make();
      const controller = new AbortController();
      const aborted = queue.get({ signal: controller.signal });
      aborted.catch(() => {});
      const waiting = queue.get();

      controller.abort('enough');
      queue.add('a');

      await expect(aborted).rejects.toBe('enough');
      expect((await waiting).item).toBe('a');
    });

    test('an abort right after an item was handed over does not lose the item', async () => {
      const queue = make();
      const controller = new AbortController();
      const getting = queue.get({ signal: controller.signal });

      queue.add('a');
      controller.abort('too late');

      expect((await getting).item).toBe('a');
    });

    test('an item is not lost when nobody waits any more', async () => {
      const queue = make();
      const controller = new AbortController();
      const aborted = queue.get({ signal: controller.signal });
      aborted.catch(() => {});
      controller.abort('enough');

      queue.add('a');

      expect([queue.length, await take(queue)]).toEqual([1, 'a']);
    });

    test('a loop takes items until shutdown, those that were queued included', async () => {
      const queue = make();
      const seen: string[] = [];
      queue.add('a');
      const looping = (async () => {
        for await (const item of queue) {
          seen.push(item);
          queue.done(item);
        }
      })();
      await isSettled(looping);
      queue.add('b');
      queue.add('c');

      queue.shutDown();
      await looping;

      expect(seen).toEqual(['a', 'b', 'c']);
    });

    test('a loop that is left early takes nothing ahead', async () => {
      const queue = make();
      queue.add('a');
      queue.add('b');

      for await (const item of queue) {
        queue.done(item);
        break;
      }

      expect([queue.length, await take(queue)]).toEqual([1, 'b']);
    });
  });

  describe(`${name}: shutdown`, () => {
    test('after shutdown an addition is ignored without a word', async () => {
      const queue = make();
      queue.shutDown();

      queue.add('a');

      expect([queue.length, queue.shuttingDown]).toEqual([0, true]);
      expect(await queue.get()).toMatchObject({ item: undefined, shutdown: true });
    });

    test('after shutdown what is queued is still handed out, then every get is told', async () => {
      const queue = make();
      queue.add('a');
      queue.add('b');
      queue.shutDown();

      expect([await take(queue), await take(queue)]).toEqual(['a', 'b']);
      expect([await queue.get(), await queue.get()]).toMatchObject([
        { item: undefined, shutdown: true },
        { item: undefined, shutdown: true },
      ]);
    });

    test('shutdown wakes every waiting get', async () => {
      const queue = make();
      const gets = Array.from({ length: 20 }, () => queue.get());

      queue.shutDown();

      expect((await Promise.all(gets)).every((result) => result.shutdown)).toBe(true);
    });

    test('a plain shutdown does not wait for items that are being processed, and may be called again', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);

      queue.shutDown();
      queue.shutDown();

      expect(queue.shuttingDown).toBe(true);
      expect((await queue.get()).shutdown).toBe(true);
    });

    test('a drain does not end before every item in work is done', async () => {
      const queue = make();
      for (const item of ['a', 'b']) queue.add(item);
      await take(queue);
      await take(queue);
      const drained = queue.shutDownWithDrain();

      const before = await isSettled(drained);
      queue.done('a');
      const between = await isSettled(drained);
      queue.done('b');

      expect([before, between, await isSettled(drained)]).toEqual([false, false, true]);
    });

    test('a drain with nothing in work ends at once', async () => {
      const queue = make();

      await queue.shutDownWithDrain();

      expect(queue.shuttingDown).toBe(true);
    });

    test('a drain does not wait for queued items that nobody fetches', async () => {
      const queue = make();
      queue.add('a');

      await queue.shutDownWithDrain();

      expect([queue.length, await take(queue)]).toEqual([1, 'a']);
    });

    test('a drain goes on while workers fetch what is queued', async () => {
      const queue = make();
      const items = ['a', 'b', 'c'];
      for (const item of items) queue.add(item);
      const worked: string[] = [];
      const worker = (async () => {
        for (let result = await queue.get(); !result.shutdown; result = await queue.get()) {
          await new Promise((resolve) => setImmediate(resolve));
          worked.push(result.item);
          queue.done(result.item);
        }
      })();

      await queue.shutDownWithDrain();

      expect(worked).toEqual(items);
      await worker;
    });

    test('a plain shutdown during a drain ends the drain although items are never done', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      const drains = [queue.shutDownWithDrain(), queue.shutDownWithDrain()];
      const before = await isSettled(Promise.race(drains));

      queue.shutDown();
      await Promise.all(drains);

      expect(before).toBe(false);
    });

    test('during a drain get says shut down while a re-added item is in work, and hands it out after done', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      queue.add('a');
      const drained = queue.shutDownWithDrain();
      const whileInWork = await queue.get();

      queue.done('a');
      const afterDone = await queue.get();
      queue.done('a');
      const atTheEnd = await queue.get();
      await drained;

      expect([whileInWork.shutdown, afterDone.item, atTheEnd.shutdown]).toEqual([true, 'a', true]);
    });

    test('during a drain what was already put back is not lost when the drain ends first', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      queue.add('a');
      const drained = queue.shutDownWithDrain();

      queue.done('a');
      await drained;

      expect(await take(queue)).toBe('a');
    });

    test('a drain can be aborted, and the queue stays shut down', async () => {
      const queue = make();
      queue.add('a');
      await take(queue);
      const controller = new AbortController();
      const drained = queue.shutDownWithDrain({ signal: controller.signal });
      drained.catch(() => {});

      controller.abort('no time');

      await expect(drained).rejects.toBe('no time');
      await expect(queue.shutDownWithDrain({ signal: controller.signal })).rejects.toBe('no time');
      expect(queue.shuttingDown).toBe(true);
    });
  });

  describe(`${name}: many producers and workers`, () => {
    test.each(['plain shutdown', 'drain'])(
      '50 producers and 10 workers: nothing is lost and nothing runs twice at a time (%s)',
      async (kind) => {
        const queue = make();
        const running = new Set<string>();
        const worked = new Set<string>();
        const worker = async (): Promise<void> => {
          for (let result = await queue.get(); !result.shutdown; result = await queue.get()) {
            const { item } = result;
            expect(item).not.toBe('added after shutdown');
            expect(running.has(item)).toBe(false);
            running.add(item);
            await new Promise((resolve) => setImmediate(resolve));
            running.delete(item);
            worked.add(item);
            queue.done(item);
          }
        };
        const workers = Array.from({ length: 10 }, worker);
        const producers = Array.from({ length: 50 }, async (_, producer) => {
          for (let i = 0; i < 50; i += 1) {
            queue.add(`${producer % 25}/${i}`);
            if (producer % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
        });
        await Promise.all(producers);
        const leftAtShutdown = queue.length;

        if (kind === 'drain') await queue.shutDownWithDrain();
        else queue.shutDown();
        queue.add('added after shutdown');
        await Promise.all(workers);

        expect(leftAtShutdown).toBeGreaterThan(500);
        expect([worked.size, queue.length, running.size]).toEqual([1250, 0, 0]);
      },
    );

    test.each(['plain shutdown', 'drain'])(
      '10 workers add the item again that they hold: it comes again, never at the same time (%s)',
      async (kind) => {
        const queue = make();
        const runs = new Map<string, number>();
        const running = new Set<string>();
        const worker = async (): Promise<void> => {
          for (let result = await queue.get(); !result.shutdown; result = await queue.get()) {
            const { item } = result;
            expect(running.has(item)).toBe(false);
            running.add(item);
            const count = (runs.get(item) ?? 0) + 1;
            runs.set(item, count);
            if (count <= 3) queue.add(item);
            await new Promise((resolve) => setImmediate(resolve));
            running.delete(item);
            queue.done(item);
          }
        };
        for (let i = 0; i < 50; i += 1) queue.add(`${i}`);
        const workers = Array.from({ length: 10 }, worker);
        while (queue.length > 0 || running.size > 0)
          await new Promise((resolve) => setImmediate(resolve));

        if (kind === 'drain') await queue.shutDownWithDrain();
        else queue.shutDown();
        await Promise.all(workers);

        expect([...runs.values()]).toEqual(Array.from({ length: 50 }, () => 4));
        expect(queue.length).toBe(0);
      },
    );
  });

  describe(`${name}: description`, () => {
    test('a description shows what is queued and what is being processed', async () => {
      const queue = make();
      for (const item of ['a', 'b', 'c']) queue.add(item);
      await take(queue);

      expect(queue.describe()).toMatchObject({
        queued: ['b', 'c'],
        processing: ['a'],
        waiting: [],
        counts: { queued: 2, processing: 1, waiting: 0 },
      });
    });
  });
}
