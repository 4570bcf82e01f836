import type { ObjectLike } from '@kubeloop/cache-store';
import { DeletedFinalStateUnknown, Indexer } from '@kubeloop/cache-store';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { MutationCacheOptions } from '../../src/consistency/mutation-cache.ts';
import { MutationCache } from '../../src/consistency/mutation-cache.ts';

function pod(resourceVersion: string, uid = 'u1', name = 'a', app = 'web'): ObjectLike {
  return { metadata: { namespace: 'ns', name, uid, resourceVersion, labels: { app } } };
}

function setUp(options: Partial<MutationCacheOptions<ObjectLike>> = {}) {
  const clock = new FakeClock();
  const store = new Indexer<ObjectLike>({
    indexers: { app: (object) => [object.metadata?.labels?.['app'] ?? ''] },
  });
  const cache = new MutationCache<ObjectLike>({ store, clock, includeAdds: true, ...options });
  const version = (): string | undefined => cache.getByKey('ns/a')?.metadata?.resourceVersion;
  return { clock, store, cache, version };
}

describe('an own write', () => {
  test('shadows an older object of the cache', () => {
    const { store, cache, version } = setUp();
    store.add(pod('1'));
    cache.mutation(pod('2'));

    expect(version()).toBe('2');
  });

  test.each(['2', '3', '10'])('gives way to the object of the cache with version %s', (seen) => {
    const { store, cache, version } = setUp();
    cache.mutation(pod('2'));
    store.add(pod(seen));

    expect(version()).toBe(seen);
  });

  test.each([
    ['1', '2'],
    ['2', undefined],
    ['3', undefined],
  ])('is forgotten at an event of equal or newer version: %s', (seen, left) => {
    const { cache, version } = setUp();
    cache.mutation(pod('2'));
    cache.update(pod('1'), pod(seen));

    expect(version()).toBe(left);
  });

  test('that is older than the one before changes nothing', () => {
    const { cache, version } = setUp();
    cache.mutation(pod('3'));
    cache.mutation(pod('2'));

    expect(version()).toBe('3');
  });

  test('shows without an object in the cache only where additions are included', () => {
    const { store, cache, version } = setUp({ includeAdds: false });
    cache.mutation(pod('2'));
    expect(version()).toBeUndefined();

    store.add(pod('1'));
    expect(version()).toBe('2');
  });

  test('is kept for five minutes, and no more than a hundred of them', async () => {
    const { clock, cache, version } = setUp();
    cache.mutation(pod('2'));
    await clock.stepAsync(300_000);
    expect(version()).toBe('2');
    await clock.stepAsync(1);
    expect(version()).toBeUndefined();

    for (let i = 0; i < 101; i += 1) cache.mutation(pod('3', 'u1', `p${i}`));
    expect([cache.getByKey('ns/p0'), cache.getByKey('ns/p1')?.metadata?.name]).toEqual([
      undefined,
      'p1',
    ]);
  });
});

describe('a deletion', () => {
  test.each(['1', '2', '3'])('of the same object at version %s forgets the own write', (seen) => {
    const { cache, version } = setUp();
    cache.mutation(pod('2'));
    cache.delete(pod(seen));

    expect(version()).toBeUndefined();
  });

  test('of another object with a newer version forgets the own write', () => {
    const { cache, version } = setUp();
    cache.mutation(pod('2'));
    cache.delete(pod('3', 'u2'));

    expect(version()).toBeUndefined();
  });

  test('of another object with an older version keeps the own write', () => {
    const { cache, version } = setUp();
    cache.mutation(pod('2'));
    cache.delete(new DeletedFinalStateUnknown('ns/a', pod('1', 'u0')));

    expect(version()).toBe('2');
  });

  test('that came before the own write was recorded keeps it hidden', () => {
    const { cache, version } = setUp();
    cache.delete(pod('3'));
    cache.mutation(pod('2'));
    expect(version()).toBeUndefined();

    cache.mutation(pod('4'));
    expect(version()).toBeUndefined();
  });

  test('does not hide an object that was created again, and the newer one wins', () => {
    const { store, cache, version } = setUp();
    cache.delete(pod('3'));
    cache.mutation(pod('5', 'u2'));
    expect(version()).toBe('5');

    store.add(pod('4', 'u2'));
    expect(version()).toBe('5');
    store.update(pod('6', 'u2'));
    expect(version()).toBe('6');
  });

  test('whose last state is not known changes nothing', () => {
    const { cache, version } = setUp();
    cache.mutation(pod('2'));
    cache.delete(new DeletedFinalStateUnknown<ObjectLike>('ns/a', undefined));

    expect(version()).toBe('2');
  });
});

describe('an index', () => {
  test('gives the newer objects and, where additions are included, those the cache lacks', () => {
    const { store, cache } = setUp();
    store.add(pod('1'));
    cache.mutation(pod('2'));
    cache.mutation(pod('3', 'u3', 'b'));
    cache.mutation(pod('4', 'u4', 'c', 'other'));
    cache.delete(pod('5', 'u5', 'd'));

    const found = cache.byIndex('app', 'web').map((object) => object.metadata?.resourceVersion);
    expect(found).toEqual(['2', '3']);
  });

  test('of a store without indices is refused', () => {
    const cache = new MutationCache({ store: { getByKey: () => undefined } });

    expect(() => cache.byIndex('app', 'web')).toThrow(
      'Cannot read index "app": the store has no indices',
    );
  });
});

test('a store that is none and numbers out of range are refused', () => {
  const store = new Indexer<ObjectLike>();

  // What a program in JavaScript can pass.
  expect(() => new MutationCache({ store: {} as never })).toThrow('it has no method getByKey');
  expect(() => new MutationCache({ store, maxSize: 0 })).toThrow(RangeError);
  expect(() => new MutationCache({ store, ttlMs: -1 })).toThrow(RangeError);
});
