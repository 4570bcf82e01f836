import { ApiServer } from '@kubeloop/apiserver';
import { describe, expect, test } from 'vitest';
import { ApiStatusError } from '../src/api-status-error.ts';
import { ignoreNotFound } from '../src/ignore-not-found.ts';
import { KubeClient } from '../src/kube-client.ts';
import { configMaps } from '../src/resources-core.ts';

describe('ignoreNotFound', () => {
  test('answers as the call does', async () => {
    expect(await ignoreNotFound(Promise.resolve('here'))).toBe('here');
  });

  test('answers undefined when the server says that there is nothing', async () => {
    const status = { code: 404, reason: 'NotFound', details: { name: 'a', kind: 'pods' } };
    const call = Promise.reject(new ApiStatusError({ status }));

    expect(await ignoreNotFound(call)).toBeUndefined();
  });

  test('takes a resource that is not served for one where nothing is', async () => {
    const call = Promise.reject(new ApiStatusError({ status: { code: 404 } }));

    expect(await ignoreNotFound(call)).toBeUndefined();
  });

  test.each([
    new ApiStatusError({ status: { code: 403, reason: 'Forbidden' } }),
    new ApiStatusError({ status: { code: 409, reason: 'Conflict' } }),
    new ApiStatusError({ status: { code: 410, reason: 'Gone' } }),
    new Error('socket hang up'),
    new DOMException('over', 'AbortError'),
  ])('passes on %s as it is', async (error) => {
    const failing = async (): Promise<never> => {
      throw error;
    };

    await expect(ignoreNotFound(failing())).rejects.toBe(error);
  });

  test.each([
    ['an error', new ApiStatusError({ status: { code: 404 } })],
    ['a function', () => Promise.resolve()],
    ['nothing', undefined],
    ['an answer', 'here'],
  ])('refuses %s in place of a promise', async (_what, value) => {
    // Callers without types can do this.
    const promise = value as unknown as Promise<unknown>;

    await expect(ignoreNotFound(promise)).rejects.toThrow(TypeError);
  });

  test('deletes what is there, and is content when it is not', async () => {
    await using server = new ApiServer();
    await server.start();
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const settings = client.resource(configMaps).namespace('default');
    await settings.create({ metadata: { name: 'shop' } });

    const first = await ignoreNotFound(settings.delete('shop'));
    const second = await ignoreNotFound(settings.delete('shop'));

    expect(first).toMatchObject({ kind: 'Status', status: 'Success' });
    expect(second).toBeUndefined();
  });
});
