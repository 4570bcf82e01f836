import { describe, expect, test } from 'vitest';
import { SharedInformerFactory, type SharedInformerFactoryOptions } from '../src/index.ts';
import { FakeCluster, pods } from './support/fake-cluster.ts';

function factory(options: SharedInformerFactoryOptions = {}): {
  factory: SharedInformerFactory;
  counted: string[];
} {
  const counted: string[] = [];
  const metricsFor = (informer: string, name: string): object => {
    counted.push(`${name}: ${informer}`);
    return {};
  };
  return {
    factory: new SharedInformerFactory(new FakeCluster(), { metricsFor, ...options }),
    counted,
  };
}

const podsV2 = { ...pods, version: 'v2', apiVersion: 'v2' };

describe('the figures of lists and watches', () => {
  test('go to those of each informer, with its name and that of the factory', async () => {
    const asked: string[] = [];
    const made = new SharedInformerFactory(new FakeCluster(), {
      name: 'lists',
      reflectorMetricsFor: (informer, factoryName) => {
        asked.push(`${factoryName}: ${informer}`);
        return {};
      },
    });

    made.informerFor(pods);
    made.informerFor(podsV2); // of the same name, so that it is not counted
    made.informerFor(pods);

    expect(asked).toEqual(['lists: pods']);
    await made.shutdown();
  });
});

describe('the name of a factory', () => {
  test('is unlike that of every other factory of the process, until the shutdown', async () => {
    const first = factory({ name: 'manager' });

    expect(() => factory({ name: 'manager' })).toThrow(
      'Cannot name a factory "manager": another one of this process has that name',
    );
    await first.factory.shutdown();
    await first.factory.shutdown();
    const second = factory({ name: 'manager' });
    await second.factory.shutdown();
  });

  test('once free is not taken away by a late second shutdown of its former owner', async () => {
    const first = factory({ name: 'late' });
    await first.factory.shutdown();
    const second = factory({ name: 'late' });

    await first.factory.shutdown();

    expect(() => factory({ name: 'late' })).toThrow('Cannot name a factory "late"');
    await second.factory.shutdown();
  });

  test.each(['', 5 as unknown as string])('must be a text: %j', (name) => {
    expect(() => factory({ name })).toThrow(TypeError);
  });

  test('goes with the figures; factories without one are not compared', async () => {
    const named = factory({ name: 'named' });
    const [one, two] = [factory(), factory()];

    for (const made of [named, one, two]) made.factory.informerFor(pods);

    expect(named.counted).toEqual(['named: pods']);
    expect([...one.counted, ...two.counted]).toEqual([': pods', ': pods']);
    await named.factory.shutdown();
  });
});

describe('the figures of an informer', () => {
  test('are asked for once, and of two informers with one name the first is counted', () => {
    const made = factory();

    const first = made.factory.informerFor(pods);
    made.factory.informerFor(pods);
    const second = made.factory.informerFor(podsV2);

    expect(second).not.toBe(first);
    expect(second.name).toBe(first.name);
    expect(made.counted).toEqual([': pods']);
  });

  test('can be those of another informer once the first is released', async () => {
    const made = factory();
    const first = made.factory.informerFor(pods);
    const second = made.factory.informerFor(podsV2);

    await made.factory.release(second);
    made.factory.informerFor(podsV2);
    const whileTaken = made.counted.length;
    await made.factory.release(first);
    made.factory.informerFor(pods);

    expect([whileTaken, made.counted.length]).toEqual([1, 2]);
  });
});
