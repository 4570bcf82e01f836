import { expect, test } from 'vitest';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import {
  type GetOptions,
  type PrioritizedGetResult,
  PriorityQueue,
  RateLimitingQueue,
  runWorkers,
  WorkQueue,
} from '@kubeloop/workqueue';
import { isSettled } from './settling.ts';

function make() {
  const clock = new FakeClock();
  return { clock, queue: new RateLimitingQueue<string>({ clock }) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('workers work on everything that is queued, at most as many at a time as asked for', async () => {
  const { queue } = make();
  for (let i = 0; i < 20; i += 1) queue.add(`${i}`);
  queue.shutDown();
  const worked = new Set<string>();
  let running = 0;
  let most = 0;

  await runWorkers(queue, { concurrency: 3 }, async (item) => {
    most = Math.max(most, (running += 1));
    await turn();
    running -= 1;
    worked.add(item);
  });

  expect([worked.size, most, queue.describe().counts.processing]).toEqual([20, 3, 0]);
});

test('there is one worker unless more are asked for', async () => {
  const { queue } = make();
  for (const item of ['a', 'b']) queue.add(item);
  queue.shutDown();
  let running = 0;

  await runWorkers(queue, {}, async () => {
    expect((running += 1)).toBe(1);
    await turn();
    running -= 1;
  });

  expect(queue.length).toBe(0);
});

test('success forgets the failures of the item', async () => {
  const { clock, queue } = make();
  let attempts = 0;
  queue.add('a');
  const running = runWorkers(queue, {}, () => {
    attempts += 1;
    if (attempts < 3) throw new Error('not yet');
  });
  await isSettled(running);
  const failed = queue.numRequeues('a');

  await clock.stepAsync(5 + 10);
  queue.shutDown();
  await running;

  expect([failed, attempts, queue.numRequeues('a')]).toEqual([1, 3, 0]);
});

test.each(['throws', 'rejects'])(
  'an item whose work %s is added again after its back-off, and is done',
  async (kind) => {
    const { clock, queue } = make();
    const errors: unknown[] = [];
    const error = new Error('failed');
    queue.add('a');
    const running = runWorkers(queue, { onError: (...args) => errors.push(args) }, () => {
      if (kind === 'rejects') return Promise.reject(error);
      throw error;
    });
    await isSettled(running);

    expect(errors).toEqual([[error, 'a']]);
    expect([clock.untilNextMs, queue.describe().counts.processing]).toEqual([5, 0]);
    queue.shutDown();
    await running;
  },
);

test('a failing item does not end its worker', async () => {
  const { queue } = make();
  for (const item of ['bad', 'good']) queue.add(item);
  queue.shutDown();
  const worked: string[] = [];

  await runWorkers(queue, {}, (item) => {
    if (item === 'bad') throw new Error('failed');
    worked.push(item);
  });

  expect(worked).toEqual(['good']);
});

test('a failed item is added again with the priority it had', async () => {
  const clock = new FakeClock();
  const queue = new PriorityQueue<string>({ clock });
  const priorities: unknown[] = [];
  queue.add('a', { priority: 42 });
  const running = runWorkers(queue, {}, (_item, { priority }) => {
    priorities.push(priority);
    if (priorities.length < 2) throw new Error('failed');
  });

  await clock.stepAsync(5);
  queue.shutDown();
  await running;

  expect(priorities).toEqual([42, 42]);
});

test('an abort shuts the queue down: what is queued is worked on, what is in work is waited for', async () => {
  const { queue } = make();
  const controller = new AbortController();
  const worked: [item: string, isAborted: boolean][] = [];
  for (const item of ['a', 'b', 'c']) queue.add(item);
  const running = runWorkers(queue, { signal: controller.signal }, async (item, { signal }) => {
    await turn();
    worked.push([item, signal.aborted]);
  });

  controller.abort();
  const early = worked.length;
  await running;

  expect([early, queue.shuttingDown]).toEqual([0, true]);
  expect(worked).toEqual([
    ['a', true],
    ['b', true],
    ['c', true],
  ]);
});

test('what fails after an abort is reported and not tried again', async () => {
  const { clock, queue } = make();
  const controller = new AbortController();
  const failed: string[] = [];
  for (const item of ['a', 'b', 'c']) queue.add(item);
  const onError = (_error: unknown, item: string): void => void failed.push(item);
  const options = { signal: controller.signal, onError };
  const running = runWorkers(queue, options, async (_item, { signal }) => {
    await turn();
    signal.throwIfAborted();
  });

  controller.abort();
  await running;

  expect(failed).toEqual(['a', 'b', 'c']);
  expect([queue.length, clock.pending]).toEqual([0, 0]);
});

test('work that returns at once after an abort leaves what is queued, and nothing fails', async () => {
  const { queue } = make();
  const controller = new AbortController();
  const done: string[] = [];
  const failed: string[] = [];
  for (const item of ['a', 'b', 'c']) queue.add(item);
  const onError = (_error: unknown, item: string): void => void failed.push(item);

  await runWorkers(queue, { signal: controller.signal, onError }, (item, { signal }) => {
    if (signal.aborted) return;
    done.push(item);
    if (item === 'b') controller.abort();
  });

  expect([done, failed, queue.length]).toEqual([['a', 'b'], [], 0]);
});

test('without a signal for the work, a drain finishes what is queued', async () => {
  const { queue } = make();
  const worked: [item: string, isAborted: boolean][] = [];
  for (const item of ['a', 'b', 'c']) queue.add(item);
  const running = runWorkers(queue, {}, async (item, { signal }) => {
    await turn();
    worked.push([item, signal.aborted]);
  });

  await queue.shutDownWithDrain();
  await running;

  expect(worked).toEqual([
    ['a', false],
    ['b', false],
    ['c', false],
  ]);
});

test('a signal that has aborted before still lets the queue be worked off', async () => {
  const { queue } = make();
  queue.add('a');
  const worked: string[] = [];

  await runWorkers(queue, { signal: AbortSignal.abort() }, (item) => void worked.push(item));

  expect([worked, queue.shuttingDown]).toEqual([['a'], true]);
});

test('idle workers end at an abort', async () => {
  const { queue } = make();
  const controller = new AbortController();
  const running = runWorkers(queue, { concurrency: 5, signal: controller.signal }, () => {});
  const early = await isSettled(running);

  controller.abort();
  await running;

  expect(early).toBe(false);
});

test('an item that is added again in work during a drain is worked on before the workers end', async () => {
  const { queue } = make();
  let runs = 0;
  queue.add('a');
  const running = runWorkers(queue, { concurrency: 3 }, async (item) => {
    runs += 1;
    if (runs === 1) {
      queue.add(item);
      void queue.shutDownWithDrain();
    }
    await turn();
  });

  await running;

  expect(runs).toBe(2);
});

test('a drain waits until the workers have worked off what is queued', async () => {
  const { queue } = make();
  const worked: string[] = [];
  for (const item of ['a', 'b', 'c']) queue.add(item);
  const running = runWorkers(queue, {}, async (item) => {
    await turn();
    worked.push(item);
  });

  await queue.shutDownWithDrain();

  expect(worked).toEqual(['a', 'b', 'c']);
  await running;
});

test('an onError that throws stops no worker, and is thrown at the end', async () => {
  const { queue } = make();
  for (const item of ['bad', 'good']) queue.add(item);
  queue.shutDown();
  const worked: string[] = [];
  const onError = (): void => {
    throw new Error('the handler is broken');
  };

  const running = runWorkers(queue, { onError }, (item) => {
    worked.push(item);
    if (item === 'bad') throw new Error('failed');
  });

  await expect(running).rejects.toThrow('the handler is broken');
  expect([worked, queue.describe().counts.processing]).toEqual([['bad', 'good'], 0]);
});

test('a queue that fails ends all workers, after the items that they have, and its error is thrown', async () => {
  const { queue } = make();
  const broken = {
    get: queue.get.bind(queue),
    done: async (item: string) => {
      queue.done(item);
      throw new Error('the queue is broken');
    },
    shutDown: () => queue.shutDown(),
    addRateLimited: () => {},
  };
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  queue.add('quick');
  queue.add('slow');
  const running = runWorkers(broken, { concurrency: 4 }, (item) =>
    item === 'slow' ? released : undefined,
  );
  const early = await isSettled(running);
  release();

  await expect(running).rejects.toThrow('the queue is broken');
  expect([early, queue.describe().counts.processing]).toEqual([false, 0]);
});

test('an item is done although the rate limiter fails', async () => {
  const rateLimiter = { when: () => Number.NaN, forget: () => {}, numRequeues: () => 0 };
  const queue = new RateLimitingQueue<string>({ clock: new FakeClock(), rateLimiter });
  queue.add('a');

  const running = runWorkers(queue, {}, () => Promise.reject(new Error('failed')));

  await expect(running).rejects.toThrow('as the delay of the rate limiter');
  expect(queue.describe().counts.processing).toBe(0);
});

test('a shutdown that fails is thrown at the end', async () => {
  const { queue } = make();
  const broken = {
    get: queue.get.bind(queue),
    done: queue.done.bind(queue),
    shutDown: () => Promise.reject(new Error('the broker is gone')),
  };

  const running = runWorkers(broken, { signal: AbortSignal.abort(), onError: () => {} }, () => {});

  await expect(running).rejects.toThrow('the broker is gone');
});

test('a queue that does not retry needs an onError, so that no failure goes unseen', async () => {
  const queue = new WorkQueue<string>();
  queue.add('a');
  queue.shutDown();
  const errors: unknown[] = [];

  await expect(runWorkers(queue, {}, () => {})).rejects.toThrow(TypeError);
  await runWorkers(queue, { onError: (error) => errors.push(error) }, () =>
    Promise.reject(new Error('failed')),
  );

  expect(errors).toEqual([new Error('failed')]);
});

test.each([0, -1, 1.5, Number.NaN, Infinity])('%d workers are refused', async (concurrency) => {
  const { queue } = make();

  await expect(runWorkers(queue, { concurrency }, () => {})).rejects.toThrow(RangeError);
});

test('the failure of an asynchronous onError ends no worker and rejects in the end', async () => {
  const { queue } = make();
  for (const item of ['a', 'b']) queue.add(item);
  queue.shutDown();
  const worked: string[] = [];
  // What a program in JavaScript can pass: the type asks for a plain function.
  const onError = (() => Promise.reject(new Error('no disk'))) as unknown as () => never;

  const running = runWorkers(queue, { onError }, (item) => {
    worked.push(item);
    throw new Error('broken');
  });

  await expect(running).rejects.toThrow('no disk');
  expect(worked).toEqual(['a', 'b']);
});

test.each([
  ['no options', undefined, 'the options must be an object'],
  ['an onError that is no function', { onError: 'log' }, 'onError must be a function'],
  ['a signal that is none', { signal: 'stop' }, 'the signal must be an AbortSignal'],
])('workers refuse %s and take nothing', async (_title, options, words) => {
  const { queue } = make();
  queue.add('a');

  // What a program in JavaScript can pass.
  const running = runWorkers(queue, options as object, () => expect.unreachable());

  await expect(running).rejects.toThrow(words);
  expect(queue.length).toBe(1);
});

test('workers refuse work that is no function and name what it is', async () => {
  const { queue } = make();

  // What a program in JavaScript can pass.
  const running = runWorkers(queue, {}, undefined as never);

  await expect(running).rejects.toThrow(
    new TypeError(
      'Cannot run workers: the work must be a function and is a value of type undefined',
    ),
  );
});

test('workers refuse what is no queue', async () => {
  // What a program in JavaScript can pass.
  const running = runWorkers({ addRateLimited() {} } as never, {}, () => {});

  await expect(running).rejects.toThrow("Cannot run workers: the queue's member get");
});

/** A queue that may take an item back, as one that several processes share. */
class Revoking extends RateLimitingQueue<string> {
  #held = new AbortController();

  /** Takes back what was handed out last. */
  revoke(): void {
    this.#held.abort('taken back');
  }

  override async get(options?: GetOptions): Promise<PrioritizedGetResult<string>> {
    const result = await super.get(options);
    this.#held = new AbortController();
    return { ...result, signal: this.#held.signal };
  }
}

test.each([
  { whose: 'its own', abort: (queue: Revoking) => queue.revoke() },
  { whose: 'that of the workers', abort: (_: Revoking, all: AbortController) => all.abort() },
])(
  'the signal of the work aborts when $whose does, and the item is done all the same',
  async ({ abort }) => {
    const queue = new Revoking({ clock: new FakeClock() });
    const all = new AbortController();
    const signals: AbortSignal[] = [];
    queue.add('a');
    const running = runWorkers(queue, { signal: all.signal }, async (_, { signal }) => {
      signals.push(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    });
    const early = await isSettled(running);

    abort(queue, all);
    queue.shutDown();
    await running;

    expect([early, signals.map(({ aborted }) => aborted)]).toEqual([false, [true]]);
    expect(queue.describe().counts.processing).toBe(0);
  },
);

test('an item that is taken back ends no worker, and its signal aborts no other work', async () => {
  const queue = new Revoking({ clock: new FakeClock() });
  const aborted: boolean[] = [];
  queue.add('a');
  queue.add('b');
  queue.shutDown();

  await runWorkers(queue, {}, (item, { signal }) => {
    if (item === 'a') queue.revoke();
    aborted.push(signal.aborted);
  });

  expect(aborted).toEqual([true, false]);
});

test('work of a queue that takes nothing back gets the signal of the workers itself', async () => {
  const { queue } = make();
  const { signal } = new AbortController();
  const seen: AbortSignal[] = [];
  queue.add('a');
  queue.shutDown();

  await runWorkers(queue, { signal }, (_, context) => void seen.push(context.signal));

  expect(seen[0]).toBe(signal);
});
