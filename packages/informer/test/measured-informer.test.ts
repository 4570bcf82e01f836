import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { CacheSize } from '../src/cache-size.ts';
import type { InformerResource } from '../src/index.ts';
import { SharedInformerFactory } from '../src/index.ts';
import type { InformerMetrics, MeasuredInformer } from '../src/metrics.ts';
import { FakeCluster, pods } from './support/fake-cluster.ts';

interface Watched {
  readonly factory: SharedInformerFactory;
  readonly told: string[];
  readonly measured: MeasuredInformer[];
  readonly resources: InformerResource<unknown>[];
}

function watched(more: InformerMetrics = {}, onError = (): void => {}): Watched {
  const told: string[] = [];
  const measured: MeasuredInformer[] = [];
  const resources: InformerResource<unknown>[] = [];
  const factory = new SharedInformerFactory(new FakeCluster(), {
    clock: new FakeClock(),
    onError,
    metricsFor: (informer, _, resource) => {
      resources.push(resource);
      return {
        measure: (each) => {
          told.push(`measure ${informer}`);
          measured.push(each);
        },
        released: () => void told.push(`released ${informer}`),
        ...more,
      };
    },
  });
  return { factory, told, measured, resources };
}

describe('an informer that is measured', () => {
  test('can be asked for its objects, its handlers and the size of its cache as soon as it is made', async () => {
    const { factory, measured, resources } = watched();
    const informer = factory.informerFor(pods);
    informer.addEventHandler({}, { name: 'mine' });

    expect(measured).toHaveLength(1);
    expect(measured[0]?.describe()).toMatchObject({
      objects: 0,
      handlers: [{ name: 'mine', backlog: 0, errors: 0 }],
    });
    expect(measured[0]?.estimateCacheBytes()).toBe(0);
    expect(resources).toEqual([pods]);
    await factory.shutdown();
  });

  test('is said to be released when its last user has given it back', async () => {
    const { factory, told } = watched();
    const informer = factory.informerFor(pods);
    factory.informerFor(pods);

    await factory.release(informer);
    expect(told).toEqual(['measure pods']);
    await factory.release(informer);

    expect(told).toEqual(['measure pods', 'released pods']);
    await factory.shutdown();
  });

  test('is said to be released once, however often the factory is shut down', async () => {
    const { factory, told } = watched();
    factory.informerFor(pods);

    await factory.shutdown();
    await factory.shutdown();

    expect(told).toEqual(['measure pods', 'released pods']);
  });

  test('is let go also when the metrics throw', async () => {
    const errors: unknown[] = [];
    const released = (): void => {
      throw new Error('full');
    };
    const { factory } = watched({ released }, (...args: unknown[]) => void errors.push(args));
    factory.informerFor(pods);

    await factory.shutdown();

    expect(errors).toEqual([[new Error('full'), { informer: 'pods', part: 'metrics' }]]);
  });
});

describe('the size of a cache', () => {
  test('is that of the objects as JSON, exact while they are few', () => {
    const objects = [{ a: 'é' }, { b: [1, 2, 3] }];

    expect(new CacheSize().estimate(objects)).toBe(
      Buffer.byteLength('{"a":"é"}') + Buffer.byteLength('{"b":[1,2,3]}'),
    );
  });

  test('of many objects is estimated from some of all of them', () => {
    const objects = Array.from({ length: 1000 }, (_, i) => ({ data: 'x'.repeat(i % 100) }));
    const exact = objects.reduce((sum, obj) => sum + JSON.stringify(obj).length, 0);

    const estimate = new CacheSize().estimate(objects);

    expect(Math.abs(estimate - exact) / exact).toBeLessThan(0.2);
  });

  test('is found without decoding what nobody has read', () => {
    let isDecoded = false;
    const obj = {
      get spec() {
        isDecoded = true;
        return {};
      },
      [Symbol.for('@kubeloop/lazy')]: { copy: () => ({ spec: 'as long as this' }) },
    };

    expect(new CacheSize().estimate([obj])).toBe('{"spec":"as long as this"}'.length);
    expect(isDecoded).toBe(false);
  });
});
