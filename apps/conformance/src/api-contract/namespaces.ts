import { describe, expect, test } from 'vitest';

import { namesOf } from '../answer.ts';
import { configMap, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';
import { until } from '../until.ts';
import { shortly } from '../watch-stream.ts';

/** The controller of namespaces takes 5 s for one, and longer when many others end at the same time. */
const slowEndMs = 40_000;

/** What a namespace is, and how it ends. */
export function namespacesContract(target: () => ApiTarget): void {
  describe('namespaces', () => {
    test('its end takes its content first', { timeout: slowEndMs + 10_000 }, async () => {
      const space = await Space.create(target());
      const from = (await target().post(space.configMaps, configMap('a'))).object;
      await using watch = await target().watch(
        `${space.configMaps}?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${from.metadata.resourceVersion}`,
      );

      await target().delete(space.path);

      expect((await watch.take(1)).map(shortly)).toEqual(['DELETED a']);
      await until(
        'the namespace is gone',
        async () => {
          const { code } = await target().get(space.path);
          return code === 404 ? code : undefined;
        },
        slowEndMs,
      );
    });

    test('the usual ones exist', async () => {
      const { list } = await target().get('/api/v1/namespaces');

      expect(namesOf(list)).toEqual(
        expect.arrayContaining(['default', 'kube-node-lease', 'kube-public', 'kube-system']),
      );
    });

    test('a new one is active, has a finalizer in its spec and its name as a label', async () => {
      await using space = await Space.create(target());

      const { object } = await target().get(space.path);

      expect(object).toMatchObject({
        metadata: { labels: { 'kubernetes.io/metadata.name': space.name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      });
      expect(object.metadata.namespace).toBeUndefined();
    });

    test('nothing is created in one that does not exist', async () => {
      const path = '/api/v1/namespaces/contract-missing/configmaps';

      const { code, body } = await target().post(path, configMap('a'));

      expect(code).toBe(404);
      expect(body).toEqual(
        failure(404, 'NotFound', {
          message: 'namespaces "contract-missing" not found',
          details: { name: 'contract-missing', kind: 'namespaces' },
        }),
      );
    });

    test('an object says no other namespace than its path', async () => {
      await using space = await Space.create(target());

      const sent = configMap('a', {}, { namespace: 'default' });
      const { code, body } = await target().post(space.configMaps, sent);

      expect(code).toBe(400);
      expect(body).toEqual(
        failure(400, 'BadRequest', {
          message:
            'the namespace of the provided object does not match the namespace sent on the request',
        }),
      );
    });

    test('its name is a label, so it has no upper case', async () => {
      const { code, body } = await target().post('/api/v1/namespaces', {
        metadata: { name: 'Bad' },
      });

      expect(code).toBe(422);
      expect(body).toMatchObject(
        failure(422, 'Invalid', {
          details: {
            name: 'Bad',
            kind: 'Namespace',
            causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }],
          },
        }),
      );
    });

    test('the default one cannot be deleted', async () => {
      const { code, body } = await target().delete('/api/v1/namespaces/default');

      expect(code).toBe(403);
      expect(body).toEqual(
        failure(403, 'Forbidden', {
          message: 'namespaces "default" is forbidden: this namespace may not be deleted',
          details: { name: 'default', kind: 'namespaces' },
        }),
      );
    });

    test('a deletion answers with the namespace, which is then terminating', async () => {
      await using space = await Space.create(target());
      const finalizers = ['example.com/hold'];
      await target().post(space.configMaps, configMap('a', {}, { finalizers }));

      const { code, object } = await target().delete(space.path);

      expect(code).toBe(200);
      expect(object).toMatchObject({
        kind: 'Namespace',
        metadata: { deletionTimestamp: expect.stringMatching(/Z$/) },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Terminating' },
      });
    });

    test('nothing is created in one that is terminating, but what is there can be changed', async () => {
      await using space = await Space.create(target());
      const finalizers = ['example.com/hold'];
      await target().post(space.configMaps, configMap('a', {}, { finalizers }));
      await target().delete(space.path);

      const creation = await target().post(space.configMaps, configMap('b'));
      const change = await target().patch(`${space.configMaps}/a`, 'merge', { data: { x: '1' } });

      expect(creation.code).toBe(403);
      expect(creation.body).toEqual(
        failure(403, 'Forbidden', {
          message: `configmaps "b" is forbidden: unable to create new content in namespace ${space.name} because it is being terminated`,
          details: {
            name: 'b',
            kind: 'configmaps',
            causes: [
              {
                reason: 'NamespaceTerminating',
                message: `namespace ${space.name} is being terminated`,
                field: 'metadata.namespace',
              },
            ],
          },
        }),
      );
      expect(change.code).toBe(200);
    });

    test('there is no deletion of all of them at once', async () => {
      const { code, body } = await target().delete('/api/v1/namespaces');

      expect(code).toBe(405);
      expect(body).toMatchObject(failure(405, 'MethodNotAllowed'));
    });
  });
}
