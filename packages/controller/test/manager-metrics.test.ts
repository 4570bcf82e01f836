import type { RequestMetrics } from '@kubeloop/client';
import { pods } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { QueueMetrics } from '@kubeloop/workqueue';
import { describe, expect, test } from 'vitest';
import type { ManagerMetrics } from '../src/manager-metrics.ts';
import { Manager } from '../src/manager.ts';
import { MemoryClient } from './support/memory-client.ts';

async function runWith(metrics: ManagerMetrics): Promise<void> {
  const client = new MemoryClient();
  const clock = new FakeClock();
  client.resource(pods).add('a');
  const manager = new Manager({ client: client.asClient, clock, metrics });
  manager
    .controller('web')
    .for(pods, { namespace: 'ns' })
    .reconcile(() => {});
  const stop = new AbortController();
  const ended = manager.run({ signal: stop.signal });
  await clock.stepAsync(10);
  stop.abort();
  await ended;
}

describe('the metrics of a manager', () => {
  test('one object is told of controllers, queues, informers and reflectors', async () => {
    const told: string[] = [];
    const nothing = (): void => {};
    const queueMetrics: QueueMetrics = {
      depth: { inc: nothing, dec: nothing },
      adds: { inc: () => void told.push('queue added') },
      retries: { inc: nothing },
      queueDuration: { observe: nothing },
      workDuration: { observe: nothing },
      unfinishedWork: { set: nothing },
      longestRunningProcessor: { set: nothing },
    };
    const metrics = {
      prefix: '',
      forController(name: string) {
        told.push(`${this.prefix}controller ${name}`);
        return { reconciled: (result: string) => told.push(`reconciled ${result}`) };
      },
      queue(name: string) {
        told.push(`${this.prefix}queue ${name}`);
        return queueMetrics;
      },
      forInformer(informer: string, cluster: string) {
        told.push(`${this.prefix}informer ${informer}@${cluster}`);
        return { storeResourceVersion: () => told.push('stored') };
      },
      forReflector(informer: string, cluster: string) {
        told.push(`${this.prefix}reflector ${informer}@${cluster}`);
        return { listed: ({ items }: { readonly items: number }) => told.push(`listed ${items}`) };
      },
    };

    await runWith(metrics);

    expect(new Set(told)).toEqual(
      new Set([
        'reflector pods in ns@',
        'informer pods in ns@',
        'controller web',
        'queue web',
        'listed 1',
        'stored',
        'queue added',
        'reconciled success',
      ]),
    );
  });

  test('each part can be left out', async () => {
    const told: string[] = [];
    await runWith({
      forReflector: () => ({ listed: ({ items }) => void told.push(`listed ${items}`) }),
    });
    await runWith({
      forController: () => ({ reconciled: (result) => void told.push(result) }),
    });

    expect(told).toEqual(['listed 1', 'success']);
  });

  test('the requests of a client that the manager makes are told, unless the client has metrics of its own', async () => {
    const told: string[] = [];
    const requests = (who: string): RequestMetrics => ({
      tried: ({ code }) => void told.push(`${who} ${code}`),
    });
    const nowhere = { server: 'http://127.0.0.1:1', skipTLSVerify: true };
    const metrics = { requests: requests('manager') };

    for (const kubeConfig of [nowhere, { ...nowhere, metrics: requests('client') }]) {
      const { client } = new Manager({ kubeConfig, metrics });
      // One after the other, so that the order is known.
      // oxlint-disable-next-line no-await-in-loop
      await client.request('/version', { maxRetries: 0 }).catch(() => {});
      // oxlint-disable-next-line no-await-in-loop
      await client.close();
    }

    expect(told).toEqual(['manager <error>', 'client <error>']);
  });

  test('the requests of a client that the manager makes take the time of its clock', async () => {
    const took: number[] = [];
    const { client } = new Manager({
      kubeConfig: { server: 'http://127.0.0.1:1', skipTLSVerify: true },
      clock: new FakeClock(),
      metrics: { requests: { completed: ({ durationMs }) => void took.push(durationMs) } },
    });

    await client.request('/version', { maxRetries: 0 }).catch(() => {});
    await client.close();

    expect(took).toEqual([0]);
  });

  test('what is no object is refused', () => {
    const client = new MemoryClient().asClient;
    // Not what the types allow.
    const metrics = 'prometheus' as unknown as ManagerMetrics;
    expect(() => new Manager({ client, metrics })).toThrow(
      'Cannot use prometheus as these metrics: it must be an object',
    );
  });
});
