import {
  DelayingQueue,
  parallelizeUntil,
  PriorityQueue,
  RateLimitingQueue,
  runWorkers,
  WorkQueue,
} from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import { errorOf, expectNoStrays } from './strays.ts';

expectNoStrays();

interface Item {
  readonly id: string;
}

const kinds = [
  ['WorkQueue', <T>(keyOf?: (item: T) => string) => new WorkQueue<T>({ keyOf })],
  ['DelayingQueue', <T>(keyOf?: (item: T) => string) => new DelayingQueue<T>({ keyOf })],
  ['RateLimitingQueue', <T>(keyOf?: (item: T) => string) => new RateLimitingQueue<T>({ keyOf })],
  ['PriorityQueue', <T>(keyOf?: (item: T) => string) => new PriorityQueue<T>({ keyOf })],
] as const;

describe.each(kinds)('%s', (_name, make) => {
  test('ignores what is added after its shutdown, and says that it is shut down', async () => {
    const queue = make<string>();
    queue.shutDown();

    queue.add('late');

    expect(queue.length).toBe(0);
    expect(queue.shuttingDown).toBe(true);
    expect(await queue.get()).toMatchObject({ shutdown: true });
    queue.shutDown();
    await queue.shutDownWithDrain();
  });

  test('still checks what is added after its shutdown as it does before', () => {
    const queue = make<object>();
    queue.shutDown();

    expect(() => queue.done({})).toThrow(TypeError);
  });

  test('takes no notice of a key that is done and was never handed out', async () => {
    const queue = make<string>();
    queue.add('queued');

    queue.done('never seen');
    queue.done('queued');
    queue.done('queued');

    expect(queue.length).toBe(1);
    expect(await queue.get()).toMatchObject({ item: 'queued' });
    queue.done('queued');
    queue.done('queued');
    queue.shutDown();
    await queue.shutDownWithDrain();
    expect(queue.describe().counts).toEqual({ queued: 0, processing: 0, waiting: 0 });
  });

  test('refuses objects without keyOf and names the remedy', () => {
    const queue = make<Item>();

    expect(() => queue.add({ id: 'a' })).toThrow(TypeError);
    expect(() => queue.add({ id: 'a' })).toThrow('give the option keyOf');
    expect(queue.length).toBe(0);
  });

  test('refuses an item whose keyOf gives no text, and goes on', () => {
    // What a program in JavaScript can pass.
    const queue = make<Item>(({ id }) => id || (undefined as unknown as string));

    expect(() => queue.add({ id: '' })).toThrow('keyOf returned undefined instead of a string');
    queue.add({ id: 'a' });

    expect(queue.length).toBe(1);
  });

  test('passes on what keyOf throws, and goes on', () => {
    const queue = make<Item>(({ id }) => {
      if (id === 'bad') throw new Error('no key');
      return id;
    });

    expect(() => queue.add({ id: 'bad' })).toThrow('no key');
    queue.add({ id: 'a' });

    expect(queue.length).toBe(1);
  });

  test('rejects a get whose signal has aborted before, and keeps the item', async () => {
    const queue = make<string>();
    queue.add('a');

    const error = await errorOf(() => queue.get({ signal: AbortSignal.abort(new Error('gone')) }));

    expect(error.message).toBe('gone');
    expect(queue.length).toBe(1);
  });

  test('rejects a drain whose signal aborts, and stays shut down', async () => {
    const queue = make<string>();
    queue.add('a');
    await queue.get();
    const abort = new AbortController();
    const draining = errorOf(() => queue.shutDownWithDrain({ signal: abort.signal }));

    abort.abort(new Error('too slow'));

    expect((await draining).message).toBe('too slow');
    expect(queue.shuttingDown).toBe(true);
  });

  test.each([Number.NaN, -1, 0.5, Infinity])('refuses to describe %d items by name', (limit) => {
    expect(() => make<string>().describe({ limit })).toThrow(`Cannot use ${limit} as limit`);
  });
});

describe.each(kinds.slice(1))('%s with delays', (_name, make) => {
  test('ignores delays after its shutdown and leaves no timer', () => {
    const queue = make<string>() as DelayingQueue<string>;
    queue.addAfter('before', 10_000);
    queue.shutDown();

    queue.addAfter('late', 10_000);

    expect(queue.describe().counts).toEqual({ queued: 0, processing: 0, waiting: 0 });
  });

  test('refuses objects without keyOf when they are delayed too', () => {
    const queue = make<Item>() as DelayingQueue<Item>;

    expect(() => queue.addAfter({ id: 'a' }, 10)).toThrow('give the option keyOf');
  });
});

test('a storage that loses an item is named when it is to be handed out', async () => {
  const lost: string[] = [];
  const storage = {
    touch: () => {},
    push: (item: string) => void lost.push(item),
    pop: () => 'something else',
    get length() {
      return lost.length;
    },
  };
  const queue = new WorkQueue<string>({ storage });
  queue.add('a');

  const error = await errorOf(() => queue.get());

  expect(error.message).toBe('Cannot hand out an item: the storage popped one that is not queued');
});

describe('workers', () => {
  test.each([0, -1, 1.5, Number.NaN])('refuse a number of %d by name', async (concurrency) => {
    const queue = new RateLimitingQueue<string>();

    const error = await errorOf(() => runWorkers(queue, { concurrency }, () => {}));

    expect(error.message).toContain(`Cannot use ${concurrency} as concurrency`);
  });

  test('refuse a queue that does not retry when nobody hears of failures', async () => {
    const error = await errorOf(() => runWorkers(new WorkQueue<string>(), {}, () => {}));

    expect(error.message).toContain('give the option onError or use a RateLimitingQueue');
  });

  test('refuse work that is no function', async () => {
    const queue = new RateLimitingQueue<string>();
    queue.add('one');
    queue.shutDown();

    // What a program in JavaScript can pass.
    const error = await errorOf(() => runWorkers(queue, {}, undefined as never));

    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^Cannot run workers/);
  });

  test('end at once when their signal has aborted before', async () => {
    const queue = new RateLimitingQueue<string>();
    const worked: string[] = [];

    await runWorkers(queue, { signal: AbortSignal.abort() }, (item) => void worked.push(item));

    expect(worked).toEqual([]);
    expect(queue.shuttingDown).toBe(true);
  });

  test('reject with what a broken queue threw, once', async () => {
    const queue = new RateLimitingQueue<string>();
    queue.get = () => Promise.reject(new Error('broken queue'));

    const error = await errorOf(() => runWorkers(queue, { concurrency: 3 }, () => {}));

    expect(error.message).toBe('broken queue');
  });

  test('report work that throws undefined, and go on', async () => {
    const queue = new RateLimitingQueue<string>();
    const failures: [unknown, string][] = [];
    const stop = new AbortController();
    queue.add('bad');
    queue.add('good');

    await runWorkers(
      queue,
      { signal: stop.signal, onError: (error, item) => failures.push([error, item]) },
      (item) => {
        if (item === 'good') stop.abort();
        // Any value can be thrown.
        else throw undefined as unknown as Error;
      },
    );

    expect(failures).toEqual([[undefined, 'bad']]);
  });

  test('of a list reject with what the work threw, after the others have ended', async () => {
    const worked: number[] = [];

    const error = await errorOf(() =>
      parallelizeUntil({ workers: 2, pieces: 4 }, (piece) => {
        worked.push(piece);
        if (piece === 1) throw new Error('no good');
      }),
    );

    expect(error.message).toBe('no good');
    expect(new Set(worked)).toEqual(new Set([0, 1, 2, 3]));
  });
});
