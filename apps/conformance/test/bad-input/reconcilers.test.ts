import { inspect } from 'node:util';
import { configMaps, secrets } from '@kubeloop/client';
import { consoleLogger, TerminalError, type Reconciler } from '@kubeloop/controller';
import { PriorityQueue } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import { Cluster, errorText } from './running.ts';
import { expectNoStrays, until } from './strays.ts';

expectNoStrays();

/** A reconcile of anything but `bad`, where it does `misbehave`; and what has been reconciled. */
function reconciling(cluster: Cluster, misbehave: Reconciler): { worked: string[] } {
  const worked: string[] = [];
  cluster.run((manager) => {
    manager
      .controller('careless')
      .for(configMaps)
      .reconcile((request, context) => {
        worked.push(request.name);
        return request.name === 'bad' ? misbehave(request, context) : undefined;
      });
  });
  return { worked };
}

function thrower(thrown: unknown): Reconciler {
  return () => {
    // Any value can be thrown.
    throw thrown as Error;
  };
}

describe('a reconciler', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const withoutPrototype: unknown = Object.create(null);
  const cases: readonly (readonly [string, Reconciler, string])[] = [
    ['throws', thrower(new Error('no good')), 'no good'],
    ['rejects', () => Promise.reject(new Error('no good')), 'no good'],
    ['throws undefined', thrower(undefined), 'undefined'],
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the point
    ['rejects with undefined', () => Promise.reject(undefined), 'undefined'],
    ['throws null', thrower(null), 'null'],
    ['throws text', thrower('no good'), 'no good'],
    ['throws a number', thrower(5), '5'],
    ['throws a circular object', thrower(circular), '[object Object]'],
    ['throws an object without a prototype', thrower(withoutPrototype), '[Object: null prototype]'],
    ['throws a symbol', thrower(Symbol('no good')), 'no good'],
    ['throws an error with itself as cause', thrower(selfCaused()), 'no good'],
    ['returns a negative delay', () => ({ requeueAfterMs: -1 }), '-1'],
    ['returns a delay that is no number', () => ({ requeueAfterMs: '5' as never }), '5'],
    ['returns a priority that is none', () => ({ requeue: true, priority: 0.5 }), '0.5'],
    [
      'returns a thenable that throws',
      // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library, and a broken one
      () => ({ then: thrower(new Error('no good')) }) as never,
      'no good',
    ],
  ];
  test.each(cases)(
    'that %s is reported once each time, tried again, and holds up nobody',
    async (_title, misbehave, words) => {
      await using cluster = await Cluster.start();
      const { worked } = reconciling(cluster, misbehave);

      await cluster.createConfigMap('bad');
      await cluster.createConfigMap('good');
      await until('the other one is reconciled', () => worked.includes('good'));
      await until('it is tried again', () => worked.filter((name) => name === 'bad').length === 3);

      const [entry, ...more] = cluster.entries('error');
      expect(entry?.message).toBe('A reconcile failed and will be tried again');
      expect(entry?.fields).toMatchObject({ controller: 'careless', failures: 1 });
      expect(JSON.stringify({ ...entry?.fields, error: '' })).toContain('bad');
      expect(textOf(entry?.fields['error'])).toContain(words);
      expect(more.length).toBeLessThanOrEqual(2);
    },
  );

  test.each([undefined, null, 'text', 5, Object.create(null)])(
    'that throws %o says so on the console',
    async (thrown) => {
      await using cluster = await Cluster.start();
      const lines: string[] = [];
      const write = (line: string): void => void lines.push(line);
      const logger = consoleLogger({
        console: { debug: write, info: write, warn: write, error: write },
      });
      cluster.run(
        (manager) => {
          manager.controller('careless').for(configMaps).reconcile(thrower(thrown));
        },
        { logger },
      );

      await cluster.createConfigMap('bad');
      await until('it is reported', () => lines.some((line) => line.includes('failed')));

      const line = lines.find((each) => each.includes('failed')) ?? '';
      expect(line).toContain('controller=careless');
      expect(line).toContain('default/bad');
      expect(line).toMatch(/ error=./);
    },
  );

  test('that throws a terminal error is reported once and not tried again', async () => {
    await using cluster = await Cluster.start();
    const { worked } = reconciling(cluster, thrower(new TerminalError('never')));

    await cluster.createConfigMap('bad');
    await cluster.createConfigMap('good');
    await until('both are reconciled', () => worked.includes('good') && worked.includes('bad'));
    await cluster.createConfigMap('later');
    await until('the next one is reconciled', () => worked.includes('later'));

    expect(worked.filter((name) => name === 'bad')).toHaveLength(1);
    expect(cluster.entries('error').map(errorText)).toEqual(['never']);
  });

  test('that never ends is aborted at the stop; one that heeds its signal makes it end well', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { stop } = cluster.run(
      (manager) => {
        manager
          .controller('slow')
          .for(configMaps)
          .reconcile(async ({ name }, { signal }) => {
            worked.push(name);
            await new Promise((_resolve, reject) => {
              // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
              signal.addEventListener('abort', () => reject(signal.reason));
            });
          });
      },
      { gracefulShutdownTimeoutMs: 20 },
    );
    await cluster.createConfigMap('stuck');
    await until('it runs', () => worked.includes('stuck'));

    expect(await stop()).toBeUndefined();

    expect(cluster.entries('warn').map(({ fields }) => fields)).toEqual([
      { controller: 'slow', running: 'default/stuck' },
    ]);
    expect(cluster.entries('error')).toEqual([]);
  });

  test('that never ends and takes no notice of its signal is named by the error of the run, and all else has stopped', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const { manager, stop } = cluster.run(
      (made) => {
        made
          .controller('deaf')
          .for(configMaps)
          .reconcile(({ name }) => {
            worked.push(name);
            return new Promise(() => {});
          });
        made
          .controller('free')
          .for(secrets)
          .reconcile(() => {});
      },
      { gracefulShutdownTimeoutMs: 20 },
    );
    await cluster.createConfigMap('stuck');
    await until('it runs', () => worked.includes('stuck'));

    const error = await stop();

    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain('Cannot stop controller "deaf"');
    expect(String(error)).toContain('default/stuck');
    expect(manager.describe().state).toBe('stopped');
    expect(manager.describe().controllers.map(({ state }) => state)).toEqual([
      'stopped',
      'stopped',
    ]);
    await until('no watch is left', () => cluster.server.openWatches === 0);
  });

  test('that rejects after everybody has given up on it is no unhandled rejection', async () => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const late = Promise.withResolvers<void>();
    const { stop } = cluster.run(
      (manager) => {
        manager
          .controller('deaf')
          .for(configMaps)
          .reconcile(async ({ name }) => {
            worked.push(name);
            await late.promise;
          });
      },
      { gracefulShutdownTimeoutMs: 20 },
    );
    await cluster.createConfigMap('stuck');
    await until('it runs', () => worked.includes('stuck'));
    expect(String(await stop())).toContain('Cannot stop controller "deaf"');

    late.reject(new Error('too late'));
    await until('it is reported', () =>
      cluster.log.some((entry) => errorText(entry) === 'too late'),
    );
  });

  test('that takes too long has its signal aborted with words that say so', async () => {
    await using cluster = await Cluster.start();
    cluster.run((manager) => {
      manager
        .controller('slow')
        .for(configMaps)
        .withOptions({ reconcileTimeoutMs: 10 })
        .reconcile(async (_request, { signal }) => {
          await new Promise((_resolve, reject) => {
            // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
            signal.addEventListener('abort', () => reject(signal.reason));
          });
        });
    });

    await cluster.createConfigMap('stuck');
    await until('it is reported', () => cluster.entries('error').length > 0);

    expect(errorText(cluster.entries('error')[0]!)).toContain('took longer than 10 ms');
  });

  test('that is no function is refused when the controller is built', async () => {
    await using cluster = await Cluster.start();
    cluster.run((manager) => {
      const builder = manager.controller('empty').for(configMaps);
      // What a program in JavaScript can pass.
      expect(() => builder.reconcile(undefined as never)).toThrow(
        'the reconciler of controller "empty"',
      );
    });
  });
});

test('a queue that cannot be made is reported and made later, and other controllers work', async () => {
  await using cluster = await Cluster.start();
  const worked: string[] = [];
  const { manager } = cluster.run((made) => {
    made
      .controller('queueless')
      .for(configMaps)
      .withOptions({ newQueue: () => Promise.reject(new Error('no queue today')) })
      .reconcile(() => {});
    made
      .controller('free')
      .for(configMaps)
      .reconcile(({ name }) => void worked.push(name));
  });

  await cluster.createConfigMap('one');
  await until('the other controller works', () => worked.includes('one'));

  const [entry] = cluster.entries('error');
  expect(entry?.message).toBe('The controller could not make its queue and will try again');
  expect(entry?.fields).toMatchObject({ controller: 'queueless' });
  expect(manager.describe().controllers[0]?.state).toBe('waiting');
});

test.each(['add', 'get', 'done', 'forget', 'shutDown'] as const)(
  'a queue whose %s rejects is reported, other controllers work, and the stop ends well',
  async (method) => {
    await using cluster = await Cluster.start();
    const worked: string[] = [];
    const newQueue = (): PriorityQueue<string> => {
      const queue = new PriorityQueue<string>();
      return Object.assign(queue, {
        [method]: () => Promise.reject(new Error(`broken ${method}`)),
      });
    };
    const { stop } = cluster.run((made) => {
      made
        .controller('remote')
        .for(configMaps)
        .withOptions({ newQueue })
        .reconcile(() => {});
      made
        .controller('free')
        .for(configMaps)
        .reconcile(({ name }) => void worked.push(name));
    });

    await cluster.createConfigMap('one');
    await until('the other controller works', () => worked.includes('one'));
    const reported = (): boolean =>
      cluster.log.some((entry) => errorText(entry) === `broken ${method}`);
    if (method !== 'shutDown') await until('it is reported', reported);

    expect(await stop()).toBeUndefined();
    expect(reported()).toBe(true);
    const entry = cluster.log.find((each) => errorText(each) === `broken ${method}`);
    expect(entry?.fields).toMatchObject({ controller: 'remote' });
  },
);

test('a rate limiter that throws is reported with its controller, the key is tried again, and reconciles go on', async () => {
  await using cluster = await Cluster.start();
  const worked: string[] = [];
  const when = (): never => {
    throw new Error('broken limiter');
  };
  cluster.run((manager) => {
    manager
      .controller('limited')
      .for(configMaps)
      .withOptions({ rateLimiter: { when, forget: () => {}, numRequeues: () => 0 } })
      .reconcile(({ name }) => {
        worked.push(name);
        if (name === 'bad') throw new Error('no good');
      });
  });

  await cluster.createConfigMap('bad');
  await cluster.createConfigMap('good');
  await until('the other one is reconciled', () => worked.includes('good'));
  await until(
    'the bad one is tried again',
    () => worked.filter((name) => name === 'bad').length > 1,
  );

  const errors = cluster.entries('error');
  expect(errors.slice(0, 2).map(errorText)).toEqual(['no good', 'broken limiter']);
  expect(errors[1]?.fields).toMatchObject({ controller: 'limited' });
});

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && !('toString' in value)
    ? inspect(value)
    : String(value);
}

function selfCaused(): Error {
  const error = new Error('no good');
  error.cause = error;
  return error;
}
