import { describe, expect, test } from 'vitest';

import { configMap, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

const methodNotAllowed = failure(405, 'MethodNotAllowed', {
  message: 'the server does not allow this method on the requested resource',
  details: {},
});

function accessContract(target: () => ApiTarget): void {
  test('a wrong token is unauthorized', async () => {
    const { code, body } = await target().get('/api/v1/namespaces/default/configmaps', {
      as: 'stranger',
    });

    expect(code).toBe(401);
    expect(body).toEqual(failure(401, 'Unauthorized', { message: 'Unauthorized' }));
  });

  test('a wrong token is unauthorized before a resource is known to be unknown', async () => {
    const { code } = await target().get('/apis/unknown.example.com/v1', { as: 'stranger' });

    expect(code).toBe(401);
  });

  test('a list that is not allowed is forbidden, in words about user, verb, resource and place', async () => {
    const { code, body } = await target().get('/api/v1/namespaces/default/configmaps', {
      as: 'limited',
    });

    expect(code).toBe(403);
    expect(body).toEqual(
      failure(403, 'Forbidden', {
        message: `configmaps is forbidden: User "${target().limitedUser}" cannot list resource "configmaps" in API group "" in the namespace "default"`,
        details: { kind: 'configmaps' },
      }),
    );
  });

  test('a watch that is not allowed is forbidden as such', async () => {
    const path = '/api/v1/namespaces/default/configmaps?watch=true';
    const { code, body } = await target().get(path, { as: 'limited' });

    expect(code).toBe(403);
    expect(body).toMatchObject({ message: expect.stringContaining('cannot watch resource') });
  });

  test('a forbidden object is named, and a group and the cluster scope are said', async () => {
    const one = await target().get('/apis/apps/v1/namespaces/default/deployments/a', {
      as: 'limited',
    });
    const nodes = await target().get('/api/v1/nodes', { as: 'limited' });

    const user = target().limitedUser;
    expect(one.body).toEqual(
      failure(403, 'Forbidden', {
        message: `deployments.apps "a" is forbidden: User "${user}" cannot get resource "deployments" in API group "apps" in the namespace "default"`,
        details: { name: 'a', group: 'apps', kind: 'deployments' },
      }),
    );
    expect(nodes.body).toMatchObject({
      message: `nodes is forbidden: User "${user}" cannot list resource "nodes" in API group "" at the cluster scope`,
    });
  });
}

function notFoundContract(target: () => ApiTarget): void {
  test('an unknown object is not found, by name and kind', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}/a`);

    expect(code).toBe(404);
    expect(body).toEqual(
      failure(404, 'NotFound', {
        message: 'configmaps "a" not found',
        details: { name: 'a', kind: 'configmaps' },
      }),
    );
  });

  test('an unknown object of a group is not found, by group too', async () => {
    await using space = await Space.create(target());

    const { body } = await target().get(`${space.deployments}/a`);

    expect(body).toEqual(
      failure(404, 'NotFound', {
        message: 'deployments.apps "a" not found',
        details: { name: 'a', group: 'apps', kind: 'deployments' },
      }),
    );
  });

  test.each([
    '/api/v1/unknowns',
    '/api/v1/namespaces/default/unknowns/a',
    '/apis/apps/v1/namespaces/default/unknowns',
    '/apis/apps/v9/namespaces/default/deployments',
    '/apis/apps/v1/namespaces/default/deployments/a/unknown',
  ])('%s is an unknown resource, and names no object', async (path) => {
    const { code, body } = await target().get(path);

    expect(code).toBe(404);
    expect(body).toEqual(
      failure(404, 'NotFound', {
        message: 'the server could not find the requested resource',
        details: {},
      }),
    );
  });

  test.each(['/unknown', '/apis/unknown.example.com/v1/namespaces/default/things'])(
    '%s is an unknown path, as plain text',
    async (path) => {
      const { code, text } = await target().get(path);

      expect({ code, text }).toEqual({ code: 404, text: '404 page not found\n' });
    },
  );
}

function methodsAndBodiesContract(target: () => ApiTarget): void {
  test('a method that a path does not have is not allowed', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const creationOfOne = await target().post(`${space.configMaps}/a`, configMap('a'));
    const patchOfAll = await target().patch(space.configMaps, 'merge', {});
    const creationAcross = await target().post('/api/v1/configmaps', configMap('a'));
    const creationOfStatus = await target().post(`${space.deployments}/a/status`, {});

    for (const { code, body } of [creationOfOne, patchOfAll, creationAcross, creationOfStatus]) {
      expect(code).toBe(405);
      expect(body).toEqual(methodNotAllowed);
    }
  });

  test('a body of an unknown type is not understood', async () => {
    await using space = await Space.create(target());

    const headers = { 'content-type': 'text/plain' };
    const { code, body } = await target().post(space.configMaps, configMap('a'), { headers });

    expect(code).toBe(415);
    expect(body).toMatchObject(
      failure(415, 'UnsupportedMediaType', {
        message: expect.stringMatching(
          /^the body of the request was in an unknown format - accepted media types include: application\/json/,
        ),
      }),
    );
  });

  test('a patch needs the type of a patch', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('a'));

    const { code, body } = await target().request('PATCH', `${space.configMaps}/a`, { body: {} });

    expect(code).toBe(415);
    expect(body).toMatchObject(failure(415, 'UnsupportedMediaType'));
  });

  test('an answer that nobody could read is not acceptable', async () => {
    const headers = { accept: 'text/html' };
    const { code, body } = await target().get('/api/v1/namespaces/default', { headers });

    expect(code).toBe(406);
    expect(body).toMatchObject(failure(406, 'NotAcceptable'));
  });

  test('a body that is no JSON is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, '{"metadata":');

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringMatching(
          /^the object provided is unrecognized \(must be of type ConfigMap\)/,
        ),
      }),
    );
  });

  test('an object of another kind is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, {
      ...configMap('a'),
      kind: 'Pod',
    });

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringMatching(/^Pod in version "v1" cannot be handled as a ConfigMap/),
      }),
    );
  });

  test('a value of a wrong type is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, {
      metadata: { name: 'a' },
      data: { x: 1 },
    });

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringMatching(
          /^ConfigMap in version "v1" cannot be handled as a ConfigMap/,
        ),
      }),
    );
  });
}

function validationContract(target: () => ApiTarget): void {
  test('an object without a name is invalid', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, { metadata: {} });

    const message = 'Required value: name or generateName is required';
    expect(code).toBe(422);
    expect(body).toEqual(
      failure(422, 'Invalid', {
        message: `ConfigMap "" is invalid: metadata.name: ${message}`,
        details: {
          kind: 'ConfigMap',
          causes: [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }],
        },
      }),
    );
  });

  test('every fault is a cause', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().post(space.configMaps, configMap('A_b', { 'x y': '1' }));

    expect(code).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: expect.stringMatching(
        /^ConfigMap "A_b" is invalid: \[metadata\.name: .*, data\[x y\]/,
      ),
      details: {
        name: 'A_b',
        kind: 'ConfigMap',
        causes: [
          { reason: 'FieldValueInvalid', field: 'metadata.name' },
          { reason: 'FieldValueInvalid', field: 'data[x y]' },
        ],
      },
    });
  });

  test('a label that is none is invalid', async () => {
    await using space = await Space.create(target());

    const sent = configMap('a', {}, { labels: { 'bad label': 'x' } });
    const { code, body } = await target().post(space.configMaps, sent);

    expect(code).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: expect.stringMatching(
        /^ConfigMap "a" is invalid: metadata\.labels: Invalid value: "bad label": name part must consist of/,
      ),
    });
  });

  test('an unknown field is dropped with a warning', async () => {
    await using space = await Space.create(target());

    const sent = { ...configMap('a'), unknown: 1 };
    const { code, headers, body } = await target().post(space.configMaps, sent);

    expect(code).toBe(201);
    expect(body).not.toHaveProperty('unknown');
    expect(headers['warning']).toBe('299 - "unknown field \\"unknown\\""');
  });

  test('an unknown field is dropped in silence when asked for', async () => {
    await using space = await Space.create(target());

    const sent = { ...configMap('a'), unknown: 1 };
    const path = `${space.configMaps}?fieldValidation=Ignore`;
    const { code, headers } = await target().post(path, sent);

    expect(code).toBe(201);
    expect(headers['warning']).toBeUndefined();
  });

  test('an unknown field is refused when asked for', async () => {
    await using space = await Space.create(target());

    const sent = { ...configMap('a'), unknown: 1 };
    const path = `${space.configMaps}?fieldValidation=Strict`;
    const { code, body } = await target().post(path, sent);

    expect(code).toBe(400);
    expect(body).toEqual(
      failure(400, 'BadRequest', {
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "unknown"',
      }),
    );
  });
}

/** The answers that are failures, and their bodies. */
export function errorsContract(target: () => ApiTarget): void {
  describe('access', () => {
    accessContract(target);
  });
  describe('what is not found', () => {
    notFoundContract(target);
  });
  describe('methods and bodies', () => {
    methodsAndBodiesContract(target);
  });
  describe('validation', () => {
    validationContract(target);
  });
}
