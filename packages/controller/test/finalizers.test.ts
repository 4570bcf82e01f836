import type { ObjectLike } from '@kubeloop/cache-store';
import { ApiStatusError, configMaps, isConflict, isInvalid } from '@kubeloop/client';
import type { KubeClient } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../src/finalizers.ts';
import type { FinalizerClient } from '../src/finalizers.ts';
import { startServer } from './support/server.ts';

const cleanup = 'example.com/cleanup';
const other = 'example.com/other';
const third = 'example.com/third';

/** The ConfigMaps of a server in this process, and what was asked of them. */
class Cluster implements FinalizerClient<ObjectLike> {
  readonly calls: string[] = [];
  readonly #client: KubeClient;
  /** Runs before the next patch. */
  meanwhile: (() => Promise<unknown>) | undefined;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  get maps() {
    return this.#client.resource(configMaps).namespace('default');
  }

  create(finalizers: readonly string[]): Promise<ObjectLike> {
    return this.maps.create({ metadata: { name: 'a', finalizers } });
  }

  /** Somebody else writes the list. */
  set(finalizers: readonly string[]): Promise<ObjectLike> {
    return this.maps.patch('a', { metadata: { finalizers } }, { type: 'merge' });
  }

  async finalizers(): Promise<readonly string[]> {
    return (await this.maps.get('a')).metadata?.finalizers ?? [];
  }

  namespace(name: string): this {
    this.calls.push(`namespace ${name}`);
    return this;
  }

  async get(name: string): Promise<ObjectLike> {
    this.calls.push('get');
    return this.maps.get(name);
  }

  async patch(
    name: string,
    patch: unknown,
    options: { readonly type: 'json' },
  ): Promise<ObjectLike> {
    this.calls.push('patch');
    await this.meanwhile?.();
    this.meanwhile = undefined;
    return this.maps.patch(name, patch, options);
  }
}

async function start(): Promise<Cluster> {
  return new Cluster(await startServer());
}

describe('addFinalizer', () => {
  test.each([[[]], [[other]]])('adds it after those that are there: %j', async (before) => {
    const cluster = await start();
    const object = await cluster.create(before);

    const after = await addFinalizer(cluster, object, cleanup);

    expect(after.metadata?.finalizers).toEqual([...before, cleanup]);
    expect(cluster.calls).toEqual(['namespace default', 'patch']);
  });

  test('nothing is sent when the object has it already', async () => {
    const cluster = await start();
    const before = await cluster.create([cleanup]);

    expect(await addFinalizer(cluster, before, cleanup)).toBe(before);
    expect(cluster.calls).not.toContain('patch');
  });

  test.each([
    ['began the list', [], [other]],
    ['added one', [other], [other, third]],
    ['removed one', [other, third], [third]],
    ['emptied the list', [other], []],
  ])('what others wrote meanwhile is kept: somebody %s', async (_what, before, meanwhile) => {
    const cluster = await start();
    const stale = await cluster.create(before);
    await cluster.set(meanwhile);

    const after = await addFinalizer(cluster, stale, cleanup);

    expect(after.metadata?.finalizers).toEqual([...meanwhile, cleanup]);
  });

  test('writes to other parts of the object do not stand in its way', async () => {
    const cluster = await start();
    const stale = await cluster.create([other]);
    await cluster.maps.patch('a', { data: { a: '1' } }, { type: 'merge' });

    await addFinalizer(cluster, stale, cleanup);

    expect(cluster.calls.filter((call) => call === 'patch')).toHaveLength(1);
    expect((await cluster.maps.get('a')).data).toEqual({ a: '1' });
  });

  test('an object that is being deleted is refused without a request', async () => {
    const cluster = await start();
    await cluster.create([other]);
    await cluster.maps.delete('a');
    const ending = await cluster.maps.get('a');

    const error: unknown = await addFinalizer(cluster, ending, cleanup).catch((thrown) => thrown);

    expect(isInvalid(error)).toBe(true);
    expect(error).toMatchObject({
      message: `Cannot add finalizer "${cleanup}" to ConfigMap "default/a": it is being deleted`,
    });
    expect(cluster.calls).not.toContain('patch');
  });

  test('a deletion that a cached object does not know of yet is refused in the same words', async () => {
    const cluster = await start();
    const stale = await cluster.create([other]);
    await cluster.maps.delete('a');

    await expect(addFinalizer(cluster, stale, cleanup)).rejects.toThrow('it is being deleted');
    expect(await cluster.finalizers()).toEqual([other]);
  });

  test('another object of the same name is left alone', async () => {
    const cluster = await start();
    const stale = await cluster.create([]);
    await cluster.maps.delete('a');
    await cluster.create([]);

    await expect(addFinalizer(cluster, stale, cleanup)).rejects.toSatisfy(isConflict);
    expect(await cluster.finalizers()).toEqual([]);
  });

  test('what the server refuses for another reason is thrown as it came', async () => {
    const cluster = await start();
    const object = await cluster.create([]);

    await expect(addFinalizer(cluster, object, 'no/such/name')).rejects.toSatisfy(isInvalid);
    expect(cluster.calls.filter((call) => call === 'patch')).toHaveLength(2);
  });

  test('an empty name is refused before anything is sent', async () => {
    const cluster = await start();

    await expect(addFinalizer(cluster, { metadata: { name: 'a' } }, '')).rejects.toThrow(TypeError);
    expect(cluster.calls).toEqual([]);
  });
});

describe('removeFinalizer', () => {
  test('only the one goes, and an entry that is there twice goes twice', async () => {
    const cluster = await start();
    const object = await cluster.create([cleanup, other, cleanup, third]);

    const after = await removeFinalizer(cluster, object, cleanup);

    expect(after?.metadata?.finalizers).toEqual([other, third]);
    expect(hasFinalizer(after ?? {}, cleanup)).toBe(false);
    expect(cluster.calls).toEqual(['namespace default', 'patch']);
  });

  test.each([
    ['moved it', [other, cleanup], [cleanup, third], [third]],
    ['put another in its place', [cleanup], [other, cleanup], [other]],
    ['removed it', [cleanup, other], [other], [other]],
    ['removed all', [cleanup, other], [], []],
  ])('never another one goes: somebody %s meanwhile', async (_what, before, meanwhile, left) => {
    const cluster = await start();
    const stale = await cluster.create(before);
    await cluster.set(meanwhile);

    const after = await removeFinalizer(cluster, stale, cleanup);

    expect(after?.metadata?.finalizers ?? []).toEqual(left);
    expect(await cluster.finalizers()).toEqual(left);
  });

  test('the last one of an object that is being deleted lets it go', async () => {
    const cluster = await start();
    await cluster.create([cleanup]);
    await cluster.maps.delete('a');
    const ending = await cluster.maps.get('a');

    await removeFinalizer(cluster, ending, cleanup);

    expect(await removeFinalizer(cluster, ending, cleanup)).toBeUndefined();
  });

  test('an object that was replaced by another of its name is gone too, and the other is left alone', async () => {
    const cluster = await start();
    const stale = await cluster.create([cleanup]);
    await cluster.set([]);
    await cluster.maps.delete('a');
    await cluster.create([cleanup]);

    expect(await removeFinalizer(cluster, stale, cleanup)).toBeUndefined();
    expect(await cluster.finalizers()).toEqual([cleanup]);
  });

  test('of two who remove at the same time both succeed', async () => {
    const cluster = await start();
    const object = await cluster.create([other, cleanup]);
    cluster.meanwhile = () => removeFinalizer(cluster.maps, object, other);

    await removeFinalizer(cluster, object, cleanup);

    expect(await cluster.finalizers()).toEqual([]);
  });

  test('conflicts that do not end are thrown', async () => {
    const cluster = await start();
    const object = await cluster.create([cleanup]);
    cluster.patch = async () => {
      cluster.calls.push('patch');
      throw new ApiStatusError({ status: { code: 409, reason: 'Conflict' } });
    };

    await expect(removeFinalizer(cluster, object, cleanup)).rejects.toSatisfy(isConflict);
    expect(cluster.calls.filter((call) => call === 'patch')).toHaveLength(5);
  });
});
