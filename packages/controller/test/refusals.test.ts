import { configMaps } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { ChannelSource } from '../src/channel-source.ts';
import { Expectations } from '../src/consistency/expectations.ts';
import { MutationCache } from '../src/consistency/mutation-cache.ts';
import { createOrPatch, createOrUpdate } from '../src/create-or-update.ts';
import { Controller } from '../src/controller.ts';
import { InformerSource } from '../src/informer-source.ts';
import { IntervalSource } from '../src/interval-source.ts';
import { consoleLogger } from '../src/logger.ts';
import { Manager } from '../src/manager.ts';
import { fromPino } from '../src/pino.ts';
import { requestKey } from '../src/request.ts';
import { retryOnConflict } from '../src/retry-on-conflict.ts';
import { setupSignalHandler } from '../src/signal-handler.ts';

/** What a program in JavaScript can pass. */
const none = undefined as never;
const nothing = null as never;

const kubeConfig = { server: 'https://127.0.0.1:1' };
const manager = (): Manager => new Manager({ kubeConfig });

describe('without its options', () => {
  const must = 'there must be options, and they are';

  test.each<[string, () => unknown, string]>([
    [
      'an interval source',
      () => new IntervalSource(none),
      `Cannot make an interval source: ${must}`,
    ],
    ['a channel source', () => new ChannelSource(none), `Cannot make a channel source: ${must}`],
    [
      'an informer source',
      () => new InformerSource(none),
      `Cannot make an informer source: ${must}`,
    ],
    ['a controller', () => new Controller(none), `Cannot make a controller: ${must} undefined`],
    ['expectations', () => new Expectations(nothing), `Cannot make expectations: ${must} null`],
    ['a mutation cache', () => new MutationCache(none), `Cannot make a mutation cache: ${must}`],
    ['a logger', () => consoleLogger(nothing), `Cannot make a console logger: ${must} null`],
    ['a signal handler', () => setupSignalHandler(nothing), `Cannot listen for signals: ${must}`],
    ['a logger of pino', () => fromPino(none), 'Cannot use undefined as this logger of pino'],
    ['the key of a request', () => requestKey(none), 'Cannot make a key of the request undefined'],
  ])('%s is refused', (_what, make, words) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(words);
  });

  test('an informer source without an informer or a handler is refused', () => {
    const name = 'pods';

    expect(() => new InformerSource({ name } as never)).toThrow(
      'Cannot use undefined as the informer of source "pods"',
    );
    expect(() => new InformerSource({ name, informer: { addEventHandler() {} } } as never)).toThrow(
      'Cannot use undefined as the handler of source "pods"',
    );
  });

  test('a controller whose sources are no array is refused', () => {
    expect(() => new Controller({ name: 'web', reconcile() {} } as never)).toThrow(
      'Cannot use undefined as sources of controller "web": give an array',
    );
  });
});

describe('a manager refuses', () => {
  test.each([
    [{ metrics: { queue: 5 } }, 'Cannot use 5 as queue of these metrics: it must be a function'],
    [{ metrics: { forController: {} } }, 'as forController of these metrics'],
    [{ metrics: { requests: 'all' } }, 'Cannot use all as requests of these metrics'],
    [{ maxConcurrentLists: 0 }, 'Cannot use 0 as maxConcurrentLists: it must be a whole number'],
    [{ byResource: 5 }, 'Cannot use 5 as byResource: give an array of what defaultsFor answers'],
    [{ byResource: [configMaps] }, 'in byResource: make it with defaultsFor'],
    [{ controllers: { skipOwnEvents: 'no' } }, 'Cannot use no as skipOwnEvents'],
    [{ controllers: { recoverPanic: 0 } }, 'Cannot use 0 as recoverPanic'],
  ])('the options %o', (options, words) => {
    // What a program in JavaScript can pass.
    expect(() => new Manager({ kubeConfig, ...(options as object) })).toThrow(words);
  });

  test.each([
    ['nonsense', {}, 'Cannot check the health of nonsense: it must be "healthz" or "readyz"'],
    ['readyz', { exclude: 'x' }, 'Cannot ask the checks of readyz: exclude must be an array of'],
    ['healthz', { exclude: [5] }, 'Cannot ask the checks of healthz: exclude must be an array of'],
    ['readyz', { only: 5 }, 'Cannot ask the checks of readyz: only must be a name, and it is 5'],
    ['readyz', null, 'Cannot ask the checks of readyz: there must be options'],
  ])('to tell the health of %s by %o', async (probe, selection, words) => {
    // What a program in JavaScript can pass.
    const asked = manager().checkHealth(probe as 'readyz', selection as object);

    await expect(asked).rejects.toThrow(TypeError);
    await expect(asked).rejects.toThrow(words);
  });
});

test.each(['SIGNOPE', 'SIGKILL', 'SIGSTOP', 'toString', 15])(
  'the signal %s, for which no process can listen, is refused, and nothing is listened to',
  (name) => {
    const before = process.listenerCount('SIGTERM');
    // What a program in JavaScript can pass.
    const signals = ['SIGTERM', name] as NodeJS.Signals[];

    expect(() => setupSignalHandler({ signals })).toThrow(`Cannot use ${name} as one of signals`);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  },
);

describe.each([
  ['createOrUpdate', createOrUpdate],
  ['createOrPatch', createOrPatch],
])('%s refuses', (_name, write) => {
  const client = { resource: configMaps, namespace: () => client, create() {} } as never;
  const what = 'Cannot create or update configmaps';

  test.each<[string, readonly unknown[], string]>([
    ['no client', [undefined, { name: 'a' }, () => {}], 'Cannot use undefined as this client'],
    ['no start', [client, undefined, () => {}], `${what}: it must begin with a name, such as`],
    ['a text as start', [client, 'ns/a', () => {}], 'or an object, not with ns/a'],
    ['no mutate', [client, { name: 'a' }], 'Cannot use undefined as mutate of configmaps'],
    ['options that are none', [client, { name: 'a' }, () => {}, null], `${what}: there must be`],
  ])('%s', async (_what, args, words) => {
    // What a program in JavaScript can pass.
    const written = Reflect.apply(write, undefined, args) as Promise<unknown>;

    await expect(written).rejects.toThrow(words);
  });
});

test('a retry without anything to try is refused', async () => {
  await expect(retryOnConflict(none)).rejects.toThrow(
    'Cannot use undefined as the change to be tried: it must be a function',
  );
});

test('an error that cannot even be read fails its check alone, and is shown as such in the log', async () => {
  class Unreadable extends Error {
    override get message(): string {
      throw new Error('no message');
    }
  }
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const made = manager();
  made.addReadyzCheck('odd', () => {
    throw new Unreadable();
  });
  made.addReadyzCheck('fine', () => {});

  const report = await made.checkHealth('readyz');
  consoleLogger({ console: { debug: write, info: write, warn: write, error: write } }).error(
    'Odd',
    {
      error: new Unreadable(),
    },
  );

  expect(report?.checks).toContainEqual({
    name: 'odd',
    outcome: 'failed',
    cause: 'what was thrown cannot be shown',
  });
  expect(report?.checks).toContainEqual({ name: 'fine', outcome: 'ok', cause: undefined });
  expect(lines[0]).toContain('what was thrown cannot be shown');
});
