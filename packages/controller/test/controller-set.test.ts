import { deployments, pods, services } from '@kubeloop/client';
import type { Resource } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import type { CommonControllerSettings } from '../src/controller-options.ts';
import { Manager } from '../src/manager.ts';
import { MemoryClient } from './support/memory-client.ts';

/** How many of nine reconciles run at once. */
async function workersOf(
  resource: Resource<object>,
  controllers: CommonControllerSettings,
  own: number | undefined,
): Promise<number> {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const manager = new Manager({ client: client.asClient, clock, controllers });
  for (let index = 0; index < 9; index += 1) client.resource(resource).add(`${index}`);
  const { promise, resolve } = Promise.withResolvers<void>();
  const controller = manager
    .controller('test')
    .for(resource)
    .withOptions({ maxConcurrentReconciles: own })
    .reconcile(() => promise);
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await clock.stepAsync(10);
  const { activeWorkers } = controller;
  stop.abort();
  resolve();
  await ended;
  return activeWorkers;
}

test.each([
  ['of the controller, before all others', pods, 5, 5],
  ['of its kind', pods, undefined, 2],
  ['of its kind and group', deployments, undefined, 4],
  ['of all controllers, without one of its kind', services, undefined, 3],
])('the concurrency is that %s', async (_what, resource, own, expected) => {
  const settings = {
    maxConcurrentReconciles: 3,
    groupKindConcurrency: { Pod: 2, 'Deployment.apps': 4, Deployment: 8, 'Service.apps': 8 },
  };

  expect(await workersOf(resource, settings, own)).toBe(expected);
});

test.each([
  [{ groupKindConcurrency: { Pod: 0 } }, 'Cannot use 0 as groupKindConcurrency of "Pod"'],
  [{ groupKindConcurrency: 4 as never }, 'Cannot use 4 as this groupKindConcurrency'],
  [{ causes: 'yes' as never }, 'Cannot use yes as causes'],
])('the settings %j are refused', (controllers, message) => {
  const make = (): unknown => new Manager({ client: new MemoryClient().asClient, controllers });

  expect(make).toThrow(message);
});
