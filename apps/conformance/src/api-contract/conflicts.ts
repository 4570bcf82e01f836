import { describe, expect, test } from 'vitest';

import { uidOf, versionOf } from '../answer.ts';
import { configMap, failure, foreignUid } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

const modified =
  'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again';
const details = { name: 'a', kind: 'configmaps' };

/** Optimistic locking: what is refused because somebody else was faster. */
export function conflictsContract(target: () => ApiTarget): void {
  describe('conflicts', () => {
    test('an update of an old version is a conflict and changes nothing', async () => {
      await using space = await Space.create(target());
      const old = (await target().post(space.configMaps, configMap('a', { x: '1' }))).object;
      await target().put(`${space.configMaps}/a`, configMap('a', { x: '2' }));

      const { code, body } = await target().put(`${space.configMaps}/a`, {
        ...old,
        data: { x: '3' },
      });

      expect(code).toBe(409);
      expect(body).toEqual(failure(409, 'Conflict', { message: modified, details }));
      expect((await target().get(`${space.configMaps}/a`)).object.data).toEqual({ x: '2' });
    });

    test('an update without a version is done whatever the version is', async () => {
      await using space = await Space.create(target());
      await target().post(space.configMaps, configMap('a'));

      const { code } = await target().put(`${space.configMaps}/a`, configMap('a', { x: '1' }));

      expect(code).toBe(200);
    });

    test('a patch that carries an old version is a conflict', async () => {
      await using space = await Space.create(target());
      const old = (await target().post(space.configMaps, configMap('a'))).object;
      await target().put(`${space.configMaps}/a`, configMap('a', { x: '2' }));

      const patch = { metadata: { resourceVersion: versionOf(old) }, data: { x: '3' } };
      const { code, body } = await target().patch(`${space.configMaps}/a`, 'merge', patch);

      expect(code).toBe(409);
      expect(body).toEqual(failure(409, 'Conflict', { message: modified, details }));
    });

    test('an apply that carries an old version is a conflict', async () => {
      await using space = await Space.create(target());
      const old = (await target().post(space.configMaps, configMap('a'))).object;
      await target().put(`${space.configMaps}/a`, configMap('a', { x: '2' }));

      const sent = configMap('a', { y: '3' }, { resourceVersion: versionOf(old) });
      const path = `${space.configMaps}/a?fieldManager=tester`;
      const { code, body } = await target().patch(path, 'apply', sent);

      expect(code).toBe(409);
      expect(body).toEqual(failure(409, 'Conflict', { message: modified, details }));
    });

    test('an update of another uid is a conflict', async () => {
      await using space = await Space.create(target());
      await target().post(space.configMaps, configMap('a'));

      const sent = configMap('a', { x: '1' }, { uid: foreignUid });
      const { code, body } = await target().put(`${space.configMaps}/a`, sent);

      expect(code).toBe(409);
      expect(body).toMatchObject(failure(409, 'Conflict', { details }));
      expect(body).toHaveProperty(
        'message',
        expect.stringContaining(`Precondition failed: UID in precondition: ${foreignUid}`),
      );
    });

    test('a version that is no number is an error of the server', async () => {
      await using space = await Space.create(target());
      await target().post(space.configMaps, configMap('a'));

      const sent = configMap('a', {}, { resourceVersion: 'abc' });
      const { code, body } = await target().put(`${space.configMaps}/a`, sent);

      expect(code).toBe(500);
      expect(body).toMatchObject({ status: 'Failure', code: 500 });
    });

    test('a deletion whose uid does not fit is a conflict', async () => {
      await using space = await Space.create(target());
      const { object } = await target().post(space.configMaps, configMap('a'));

      const options = { preconditions: { uid: foreignUid } };
      const { code, body } = await target().delete(`${space.configMaps}/a`, options);

      expect(code).toBe(409);
      expect(body).toEqual(
        failure(409, 'Conflict', {
          message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (${foreignUid}) does not match the UID in record (${uidOf(object)}). The object might have been deleted and then recreated`,
          details: { name: 'a', kind: 'ConfigMap' },
        }),
      );
    });

    test('a deletion whose version does not fit is a conflict', async () => {
      await using space = await Space.create(target());
      const { object } = await target().post(space.configMaps, configMap('a'));

      const options = { preconditions: { resourceVersion: '1' } };
      const { code, body } = await target().delete(`${space.configMaps}/a`, options);

      expect(code).toBe(409);
      expect(body).toEqual(
        failure(409, 'Conflict', {
          message: `Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${versionOf(object)}). The object might have been modified`,
          details: { name: 'a', kind: 'ConfigMap' },
        }),
      );
    });

    test('a deletion whose uid and version fit is done', async () => {
      await using space = await Space.create(target());
      const { object } = await target().post(space.configMaps, configMap('a'));

      const { code } = await target().delete(`${space.configMaps}/a`, {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: { uid: uidOf(object), resourceVersion: versionOf(object) },
      });

      expect(code).toBe(200);
    });
  });
}
