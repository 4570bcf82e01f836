import { describe, expect, test } from 'vitest';

import { versionOf } from '../answer.ts';
import { configMap, deployment, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

function generationContract(target: () => ApiTarget): void {
  test('a kind with a spec starts at generation 1', async () => {
    await using space = await Space.create(target());

    const { object } = await target().post(space.deployments, deployment('a'));

    expect(object.metadata.generation).toBe(1);
  });

  test('a kind without a spec has no generation', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { object } = await target().put(`${space.configMaps}/a`, configMap('a', { x: '1' }));

    expect(object.metadata.generation).toBeUndefined();
  });

  test('a change of the spec raises the generation by one', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const patch = { spec: { minReadySeconds: 5 } };
    const { object } = await target().patch(`${space.deployments}/a`, 'merge', patch);

    expect(object.metadata.generation).toBe(2);
  });

  test('a change of labels leaves the generation', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const patch = { metadata: { labels: { x: '1' } } };
    const { object } = await target().patch(`${space.deployments}/a`, 'merge', patch);

    expect(object.metadata.generation).toBe(1);
    expect(object.metadata.labels).toEqual({ x: '1' });
  });

  test('a generation that is sent is not taken over', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const patch = { metadata: { generation: 9 } };
    const { object } = await target().patch(`${space.deployments}/a`, 'merge', patch);

    expect(object.metadata.generation).toBe(1);
  });

  test('a deletion that has to wait raises the generation', async () => {
    await using space = await Space.create(target());
    const sent = deployment('a');
    const metadata = { ...sent.metadata, finalizers: ['example.com/wait'] };
    await target().post(space.deployments, { ...sent, metadata });

    const { object } = await target().delete(`${space.deployments}/a`);

    expect(object.metadata.generation).toBe(2);
    await target().patch(`${space.deployments}/a`, 'merge', { metadata: { finalizers: null } });
  });

  test('an update that changes nothing keeps the resourceVersion', async () => {
    await using space = await Space.create(target());
    const before = (await target().post(space.configMaps, configMap('a', { x: '1' }))).object;

    const { code, object } = await target().put(`${space.configMaps}/a`, before);

    expect(code).toBe(200);
    expect(object).toEqual(before);
  });

  test('versions of one resource grow with every write', async () => {
    await using space = await Space.create(target());

    const versions = [
      (await target().post(space.configMaps, configMap('a'))).object,
      (await target().post(space.configMaps, configMap('b'))).object,
      (await target().put(`${space.configMaps}/a`, configMap('a', { x: '1' }))).object,
    ].map((object) => BigInt(versionOf(object)));

    expect(versions).toEqual(versions.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(versions).size).toBe(3);
  });
}

function statusContract(target: () => ApiTarget): void {
  test('a status that is sent at creation is dropped', async () => {
    await using space = await Space.create(target());

    const sent = { ...deployment('a'), status: { replicas: 7 } };
    const { object } = await target().post(space.deployments, sent);

    expect(object.status).toEqual({});
  });

  test('a write to the object leaves the status', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const patch = { spec: { minReadySeconds: 5 }, status: { readyReplicas: 7 } };
    const { object } = await target().patch(`${space.deployments}/a`, 'merge', patch);

    expect(object.spec).toMatchObject({ minReadySeconds: 5 });
    expect(object.status).not.toHaveProperty('readyReplicas');
  });

  test('a write to the status leaves the spec, the labels and the generation', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const { code, object } = await target().patch(`${space.deployments}/a/status`, 'merge', {
      metadata: { labels: { x: '1' } },
      spec: { minReadySeconds: 5 },
      status: { collisionCount: 7 },
    });

    expect(code).toBe(200);
    expect(object.metadata.generation).toBe(1);
    expect(object.metadata.labels).toBeUndefined();
    expect(object.spec).not.toHaveProperty('minReadySeconds');
    expect(object.status).toMatchObject({ collisionCount: 7 });
  });

  test('the status can be read and is the whole object', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const { code, object } = await target().get(`${space.deployments}/a/status`);

    expect(code).toBe(200);
    expect(object).toMatchObject({ kind: 'Deployment', metadata: { name: 'a' } });
  });

  test('a status of an old version is a conflict', async () => {
    await using space = await Space.create(target());
    const { object } = await target().post(space.deployments, deployment('a'));
    await target().patch(`${space.deployments}/a`, 'merge', { metadata: { labels: { x: '1' } } });

    const { code, body } = await target().put(`${space.deployments}/a/status`, object);

    expect(code).toBe(409);
    expect(body).toMatchObject(
      failure(409, 'Conflict', { details: { name: 'a', group: 'apps', kind: 'deployments' } }),
    );
  });

  test('a kind without a status has no status path', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().get(`${space.configMaps}/a/status`);

    expect(code).toBe(404);
    expect(body).toMatchObject(failure(404, 'NotFound', { details: {} }));
  });
}

function scaleContract(target: () => ApiTarget): void {
  test('the scale of a deployment has its replicas and its selector', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a', { replicas: 3 }));

    const { body } = await target().get(`${space.deployments}/a/scale`);

    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'a', namespace: space.name },
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=a' },
    });
  });

  test('a patch of the scale changes the replicas and raises the generation', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const patch = { spec: { replicas: 2 } };
    const { body } = await target().patch(`${space.deployments}/a/scale`, 'merge', patch);

    expect(body).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
    const { object } = await target().get(`${space.deployments}/a`);
    expect(object).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 2 } });
  });

  test('a scale of an old version is a conflict', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));
    const { object } = await target().get(`${space.deployments}/a/scale`);

    const { code, body } = await target().put(`${space.deployments}/a/scale`, {
      ...object,
      metadata: { ...object.metadata, resourceVersion: '1' },
    });

    expect(code).toBe(409);
    expect(body).toMatchObject(
      failure(409, 'Conflict', { details: { name: 'a', group: 'apps', kind: 'deployments' } }),
    );
  });

  test('negative replicas are invalid, in words about the scale', async () => {
    await using space = await Space.create(target());
    await target().post(space.deployments, deployment('a'));

    const patch = { spec: { replicas: -1 } };
    const { code, body } = await target().patch(`${space.deployments}/a/scale`, 'merge', patch);

    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        details: {
          name: 'a',
          group: 'autoscaling',
          kind: 'Scale',
          causes: [{ reason: 'FieldValueInvalid', field: 'spec.replicas' }],
        },
      }),
    );
  });
}

/** What raises a generation or a version, and what the subresources touch. */
export function statusAndGenerationContract(target: () => ApiTarget): void {
  describe('generations and versions', () => {
    generationContract(target);
  });
  describe('the status', () => {
    statusContract(target);
  });
  describe('the scale', () => {
    scaleContract(target);
  });
}
