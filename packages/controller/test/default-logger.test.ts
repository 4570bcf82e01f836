import { configMaps, KubeClient } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { defaultLogger } from '../src/default-logger.ts';
import { quietLogger } from '../src/logger.ts';
import { Manager } from '../src/manager.ts';
import { MemoryClient } from './support/memory-client.ts';

let warn: MockInstance<typeof process.emitWarning>;

beforeEach(() => {
  warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
});

afterEach(() => {
  warn.mockRestore();
});

/** The texts of the warnings so far. */
const warnings = (): unknown[] => warn.mock.calls.map(([text]) => text);

test('the first failure is a warning of the process that names the controller and the remedy', () => {
  const logger = defaultLogger().child({ controller: 'web' });

  logger.error('A reconcile failed', { error: new Error('no route') });

  expect(warnings()).toEqual([
    'A reconcile failed controller=web error="no route". There is no logger, so nothing that follows is written: ' +
      'give one, such as consoleLogger(), or quietLogger for silence',
  ]);
});

test('what follows the first failure is not told, whichever child it comes from', () => {
  const logger = defaultLogger();

  logger.child({ controller: 'a' }).warn('first');
  logger.child({ controller: 'b' }).error('second');
  logger.error('third');

  expect(warnings()).toHaveLength(1);
});

test('what is no failure is not told', () => {
  const logger = defaultLogger();

  logger.debug('looked');
  logger.info('started');

  expect(warnings()).toEqual([]);
});

describe('a manager', () => {
  async function runWith(options: { readonly logger?: typeof quietLogger }): Promise<void> {
    const client = new MemoryClient();
    const clock = new FakeClock();
    client.resource(configMaps).add('a');
    const manager = new Manager({ client: client.asClient, clock, ...options });
    manager
      .controller('web')
      .for(configMaps, { namespace: 'ns' })
      .reconcile(() => {
        throw new Error('no route');
      });
    const stop = new AbortController();
    const ended = manager.run({ signal: stop.signal });
    await clock.stepAsync(1000);
    stop.abort();
    await ended;
  }

  test('without a logger lets a failing reconciler be heard of once', async () => {
    await runWith({});

    expect(warnings()).toEqual([expect.stringContaining('no route')]);
  });

  test('with the quiet logger is silent', async () => {
    await runWith({ logger: quietLogger });

    expect(warnings()).toEqual([]);
  });

  test('without a logger lets a server that cannot be reached be heard of once', async () => {
    const client = new KubeClient({ server: 'http://127.0.0.1:1', skipTLSVerify: true });
    const manager = new Manager({ client });
    manager
      .controller('web')
      .for(configMaps)
      .reconcile(() => {});
    const stop = new AbortController();

    const ended = manager.run({ signal: stop.signal });
    await vi.waitFor(() => expect(warnings()).toEqual([expect.stringContaining('ECONNREFUSED')]));
    stop.abort();
    await ended;
    await client.close();
  });
});
