import type { ObjectLike } from '@kubeloop/cache-store';
import { ApiStatusError } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { addFinalizer, hasFinalizer, removeFinalizer } from '../src/finalizers.ts';
import type { FinalizerClient } from '../src/finalizers.ts';

const cleanup = 'example.com/cleanup';

/** A server of one object that refuses merge patches of an old resource version. */
class OneObject implements FinalizerClient<ObjectLike> {
  object: ObjectLike | undefined;
  readonly calls: string[] = [];
  #version = 1;

  constructor(finalizers: readonly string[], uid = 'u1') {
    this.object = {
      metadata: { name: 'a', namespace: 'ns', uid, resourceVersion: '1', finalizers },
    };
  }

  namespace(name: string): this {
    this.calls.push(`namespace ${name}`);
    return this;
  }

  /** Somebody else writes. */
  touch(metadata: ObjectLike['metadata'] = {}): void {
    this.#version += 1;
    const resourceVersion = String(this.#version);
    this.object = { metadata: { ...this.object?.metadata, ...metadata, resourceVersion } };
  }

  async get(): Promise<ObjectLike> {
    this.calls.push('get');
    if (!this.object) throw new ApiStatusError({ status: { code: 404, reason: 'NotFound' } });
    return Promise.resolve(this.object);
  }

  async patch(_name: string, patch: unknown): Promise<ObjectLike> {
    this.calls.push('patch');
    const current = await this.get();
    this.calls.pop();
    const { metadata } = patch as { metadata: NonNullable<ObjectLike['metadata']> }; // what finalizers send
    if (metadata.resourceVersion !== current.metadata?.resourceVersion)
      throw new ApiStatusError({ status: { code: 409, reason: 'Conflict' } });
    const { finalizers } = metadata;
    this.touch({ finalizers });
    return this.get().finally(() => this.calls.pop());
  }
}

describe('addFinalizer', () => {
  test('the finalizer is added after those that are there', async () => {
    const server = new OneObject(['example.com/other']);

    const after = await addFinalizer(server, await server.get(), cleanup);

    expect(after.metadata?.finalizers).toEqual(['example.com/other', cleanup]);
    expect(server.calls).toEqual(['get', 'namespace ns', 'patch']);
  });

  test('nothing is sent when the object has it already', async () => {
    const server = new OneObject([cleanup]);
    const before = await server.get();

    expect(await addFinalizer(server, before, cleanup)).toBe(before);
    expect(server.calls).not.toContain('patch');
  });

  test('what others wrote meanwhile is kept', async () => {
    const server = new OneObject([]);
    const stale = await server.get();
    server.touch({ finalizers: ['example.com/other'] });

    const after = await addFinalizer(server, stale, cleanup);

    expect(after.metadata?.finalizers).toEqual(['example.com/other', cleanup]);
  });

  test('another object of the same name is left alone', async () => {
    const server = new OneObject([]);
    const stale = await server.get();
    server.touch({ uid: 'u2' });

    await expect(addFinalizer(server, stale, cleanup)).rejects.toMatchObject({ code: 409 });
    expect(server.object?.metadata?.finalizers).toEqual([]);
  });

  test('an empty name is refused before anything is sent', async () => {
    const server = new OneObject([]);

    await expect(addFinalizer(server, server.object ?? {}, '')).rejects.toThrow(TypeError);
    expect(server.calls).toEqual([]);
  });
});

describe('removeFinalizer', () => {
  test('only the one finalizer goes, although others write at the same time', async () => {
    const server = new OneObject([cleanup, 'example.com/other']);
    const stale = await server.get();
    server.touch();

    const after = await removeFinalizer(server, stale, cleanup);

    expect(after?.metadata?.finalizers).toEqual(['example.com/other']);
    expect(hasFinalizer(after ?? {}, cleanup)).toBe(false);
  });

  test('an object that is gone has no finalizer any more', async () => {
    const server = new OneObject([cleanup]);
    const stale = await server.get();
    server.object = undefined;

    expect(await removeFinalizer(server, stale, cleanup)).toBeUndefined();
  });

  test('an object that was replaced by another of its name is gone too, and the other is left alone', async () => {
    const server = new OneObject([cleanup]);
    const stale = await server.get();
    server.touch({ uid: 'u2' });

    expect(await removeFinalizer(server, stale, cleanup)).toBeUndefined();
    expect(server.object?.metadata?.finalizers).toEqual([cleanup]);
  });

  test('conflicts that do not end are thrown', async () => {
    const server = new OneObject([cleanup]);
    server.patch = async () => {
      throw new ApiStatusError({ status: { code: 409, reason: 'Conflict' } });
    };

    await expect(removeFinalizer(server, await server.get(), cleanup)).rejects.toMatchObject({
      code: 409,
    });
  });
});
