import { configMaps, pods } from '@kubeloop/client';
import { describe, expect, test, vi } from 'vitest';
import type { ControllerBuilder } from '../src/builder.ts';
import { dispatch } from '../src/dispatch.ts';
import { consoleLogger, guardLogger, quietLogger } from '../src/logger.ts';
import { Manager } from '../src/manager.ts';
import { and, not, objectPredicate, or, type Predicate } from '../src/predicates.ts';
import { runController } from './support/controller-rig.ts';

interface Named {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

/** What a program in JavaScript can pass where a plain function is wanted. */
const rejects = (() => Promise.reject(new Error('rejected'))) as unknown as () => never;
const throws = (): never => {
  throw new Error('thrown');
};

const manager = (): Manager => new Manager({ kubeConfig: { server: 'https://127.0.0.1:1' } });
const builder = (): ControllerBuilder => manager().controller('copier');

describe('a builder refuses at the very call', () => {
  const place = '"pods" in controller "copier"';

  test.each([
    ['labelSelector', 'app in (', 'app in ('],
    ['fieldSelector', 'metadata.name', 'metadata.name'],
    ['labelSelector', { app: 'web' }, "Cannot use { app: 'web' } as labelSelector"],
  ])('the %s %o', (name, selector, words) => {
    // What a program in JavaScript can pass.
    const options = { [name]: selector } as object;

    expect(() => builder().for(pods, options)).toThrow(words);
    expect(() => builder().owns(pods, options)).toThrow(words);
    expect(() => builder().watches(pods, () => [], options)).toThrow(words);
    expect(() => builder().reads(pods, options)).toThrow(words);
  });

  test.each([
    [[() => true], `Cannot use a function as predicate of ${place}: give an object, such as`],
    [[undefined], `Cannot use undefined as predicate of ${place}`],
    [[{ create: 'always' }], `Cannot use always as create of the predicate of ${place}`],
    [objectPredicate(() => true), `as predicates of ${place}: give an array`],
  ])('the predicates %o', (predicates, words) => {
    // What a program in JavaScript can pass.
    const options = { predicates } as object;

    expect(() => builder().for(pods, options)).toThrow(words);
    expect(() => builder().owns(pods, options)).toThrow(words);
    expect(() => builder().watches(pods, () => [], options)).toThrow(words);
  });

  test('an event handler without a function, and one whose member is none', () => {
    // What a program in JavaScript can pass.
    expect(() => builder().watches(pods, { added() {} } as never)).toThrow(
      `Cannot use this event handler of ${place}: it has none of create, update, delete and generic`,
    );
    expect(() => builder().watches(pods, { create() {}, update: 5 } as never)).toThrow(
      `Cannot use 5 as update of ${place}: it must be a function`,
    );
  });

  test('a source, a rate limiter and a logger that lack a method', () => {
    // What a program in JavaScript can pass.
    expect(() => builder().watchesSource({ start() {} } as never)).toThrow(
      'Cannot use this source of controller "copier": it has no method stop',
    );
    expect(() => builder().watchesSource(undefined as never)).toThrow('it must be an object');
    expect(() => builder().withOptions({ rateLimiter: {} as never })).toThrow(
      'Cannot use this rateLimiter: it has no method when',
    );
    expect(() => builder().withOptions({ logger: { info() {} } as never })).toThrow(
      'Cannot use this logger: it has no method debug',
    );
  });
});

describe('a manager refuses at once', () => {
  const kubeConfig = { server: 'https://127.0.0.1:1' };

  test.each([
    [undefined, 'it needs a client or a kubeConfig'],
    [{ kubeConfig, namespace: 'a/b' }, 'Cannot use "a/b" as namespace'],
    [{ kubeConfig, namespace: 5 }, 'Cannot use 5 as namespace'],
    [{ kubeConfig, logger: {} }, 'Cannot use this logger: it has no method debug'],
    [{ kubeConfig, logger: consoleLogger }, 'give what it makes, such as consoleLogger()'],
    [{ kubeConfig, controllers: { rateLimiter: {} } }, 'Cannot use this rateLimiter'],
  ])('the options %o', (options, words) => {
    // What a program in JavaScript can pass.
    expect(() => new Manager(options as { kubeConfig: typeof kubeConfig })).toThrow(words);
  });

  test('a runnable that cannot run', () => {
    // What a program in JavaScript can pass.
    expect(() => manager().add({ name: 'web' } as never)).toThrow(
      'Cannot use runnable "web": it has no method run',
    );
    expect(() => manager().add(undefined as never)).toThrow(
      'Cannot use undefined as runnable without a name: it must be an object',
    );
  });

  test.each([undefined, {}, { signal: 'stop' }])(
    'a run with %j, and so does a controller; nothing is started',
    async (options) => {
      const made = manager();
      const controller = made
        .controller('copier')
        .for(configMaps)
        .reconcile(() => {});
      // What a program in JavaScript can pass.
      const bad = options as { signal: AbortSignal };

      await expect(made.run(bad)).rejects.toThrow(
        /^Cannot run the manager: there must be a signal/,
      );
      await expect(controller.run(bad)).rejects.toThrow(
        /^Cannot run controller "copier": there must be a signal/,
      );

      expect([made.describe().state, controller.state]).toEqual(['new', 'new']);
    },
  );
});

describe('a predicate that returns a promise', () => {
  const asynchronous: Predicate<Named> = objectPredicate<Named>(rejects);

  test.each([
    ['by itself', asynchronous],
    ['in and', and(asynchronous)],
    ['in or', or(asynchronous)],
    ['in not', not(asynchronous)],
  ])('%s is reported with the object, and the event passes', (_title, predicate) => {
    const errors: string[] = [];
    const handled: string[] = [];

    void dispatch<Named>(
      { type: 'create', event: { object: { metadata: { name: 'a' } }, isInInitialList: false } },
      {
        predicates: [predicate],
        handler: { create: ({ object }) => void handled.push(object.metadata.name) },
        enqueue: () => {},
        onError: (error, action, object) => errors.push(`${action} ${object}: ${String(error)}`),
      },
    );

    expect(errors).toEqual([
      'filtering the create event a: TypeError: A predicate returned a promise: it must answer true or false',
    ]);
    expect(handled).toEqual(['a']);
  });
});

describe('the failure of a handler is reported with the object', () => {
  const object = { metadata: { namespace: 'ns', name: 'new' } };
  const old = { metadata: { namespace: 'ns', name: 'old' } };

  test.each([
    [{ type: 'update', event: { old, new: object } } as const, 'ns/new'],
    [{ type: 'generic', event: { object } } as const, 'ns/new'],
  ])('as in %o', (event, key) => {
    const objects: unknown[] = [];

    void dispatch<Named>(event, {
      predicates: [],
      handler: { update: throws, generic: throws },
      enqueue: () => {},
      onError: (_error, _action, about) => objects.push(about),
    });

    expect(objects).toEqual([key]);
  });

  test('and without one where what came has no name', () => {
    const objects: unknown[] = [];

    for (const body of ['text', undefined, {}])
      void dispatch<unknown>(
        { type: 'generic', event: { object: body } },
        {
          predicates: [],
          handler: { generic: throws },
          enqueue: () => {},
          onError: (_error, _action, about) => objects.push(about),
        },
      );

    expect(objects).toEqual([undefined, undefined, undefined]);
  });
});

describe('an asynchronous callback that rejects stops nothing', () => {
  test('as logger: it becomes a process warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

    guardLogger({ ...quietLogger, info: rejects }).info('Running');
    await Promise.resolve();
    await Promise.resolve();

    expect(warn.mock.calls).toEqual([['The logger threw on "Running": rejected']]);
    warn.mockRestore();
  });

  test('as metrics: it is reported', async () => {
    const metrics = { forController: () => ({ reconciled: rejects }) };
    const rig = await runController(() => {}, { metrics });

    await rig.controller.enqueue({ namespace: 'ns', name: 'a' });
    await rig.clock.settle();

    expect(rig.log.messages('error')).toEqual(['The metrics threw: rejected']);
    await rig.end();
  });
});

test.each([
  ['throws', throws, 'thrown'],
  ['answers no number', () => Number.NaN, 'Cannot use NaN as the delay of the rate limiter'],
])(
  'a rate limiter that %s is reported, and the key is tried again',
  async (_title, when, words) => {
    let runs = 0;
    const rig = await runController(
      () => {
        runs += 1;
        if (runs === 1) throw new Error('no good');
      },
      { rateLimiter: { when, forget: throws, numRequeues: throws } },
    );

    await rig.controller.enqueue({ namespace: 'ns', name: 'a' });
    await rig.clock.stepAsync(5);

    expect(runs).toBe(2);
    expect(rig.log.messages('error').join('\n')).toContain(words);
    await rig.end();
  },
);

test('what was thrown is shown on the console although it is undefined', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const target = { debug: write, info: write, warn: write, error: write };

  consoleLogger({ console: target }).error('Failed', { error: undefined, none: undefined });

  expect(lines).toEqual(['Failed error=undefined']);
});
