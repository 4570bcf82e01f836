import { describe, expect, test } from 'vitest';
import {
  CONFIG_MAPS,
  configMap,
  DEFINITIONS,
  installWebApps,
  pod,
  PODS,
  TestServer,
  WEB_APPS,
  webApp,
  webAppDefinition,
} from './harness.ts';

describe('members that a built-in kind does not have', () => {
  test('are dropped at the top and in the metadata, with a warning for each', async () => {
    const server = await TestServer.start();

    const sent = configMap('a', { wrong: 1, metadata: { label: {} } });
    const { code, headers, body } = await server.post(CONFIG_MAPS, sent);

    expect(code).toBe(201);
    expect(body).not.toHaveProperty('wrong');
    expect(body.metadata).not.toHaveProperty('label');
    expect(headers.get('warning')).toBe(
      String.raw`299 - "unknown field \"wrong\"", 299 - "unknown field \"metadata.label\""`,
    );
  });

  test('are dropped in silence with fieldValidation=Ignore', async () => {
    const server = await TestServer.start();

    const { headers, body } = await server.post(
      `${CONFIG_MAPS}?fieldValidation=Ignore`,
      configMap('a', { wrong: 1 }),
    );

    expect(body).not.toHaveProperty('wrong');
    expect(headers.get('warning')).toBeNull();
  });

  test('fail a patch with fieldValidation=Strict', async () => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('a'));

    const path = `${CONFIG_MAPS}/a?fieldValidation=Strict`;
    const { code, body } = await server.patch(path, { wrong: 1 });

    expect(code).toBe(422);
    expect(body.details.causes[0]).toMatchObject({
      field: 'patch',
      message: expect.stringContaining('strict decoding error: unknown field "wrong"'),
    });
  });

  test('are kept below the top, where no schema is known', async () => {
    const server = await TestServer.start();

    const { headers, body } = await server.post(PODS, pod('a', { spec: { wrong: 1 } }));

    expect(body.spec.wrong).toBe(1);
    expect(headers.get('warning')).toBeNull();
  });
});

describe('members that the schema of a custom resource does not have', () => {
  test('are named by their paths and dropped', async () => {
    const server = await TestServer.start();
    await installWebApps(server);

    const { code, headers, body } = await server.post(
      WEB_APPS,
      webApp('a', { spec: { wrong: 1 } }),
    );

    expect(code).toBe(201);
    expect(body.spec).not.toHaveProperty('wrong');
    expect(headers.get('warning')).toBe(String.raw`299 - "unknown field \"spec.wrong\""`);
  });

  test('fail an apply, whatever the field validation', async () => {
    const server = await TestServer.start();
    await installWebApps(server);

    const sent = webApp('a', { spec: { wrong: 1 } });
    const { code, body } = await server.apply(`${WEB_APPS}/a`, sent, 'one');

    expect(code).toBe(500);
    expect(body.message).toBe(
      'failed to create typed patch object (default/a; example.com/v1, Kind=WebApp): .spec.wrong: field not declared in schema',
    );
  });
});

describe('members that a definition does not have', () => {
  const schema = {
    type: 'object',
    properties: {
      list: { type: 'array', items: { type: 'string', wrong: 1 }, _default: [] },
      map: {
        type: 'object',
        additionalProperties: { type: 'string', wrong: 1 },
        default: { a: 1 },
      },
      needs: { dependencies: { a: { wrong: 1, type: 'string' }, b: ['a'] }, not: { wrong: 1 } },
    },
  };
  const version = { schema: { openAPIV3Schema: schema } };

  test('are dropped, and told of where the real server tells of them', async () => {
    const server = await TestServer.start();

    const { code, headers, body } = await server.post(DEFINITIONS, webAppDefinition(version));

    const path = 'spec.versions[0].schema.openAPIV3Schema.properties';
    expect(code).toBe(201);
    expect(headers.get('warning')).toBe(
      [`${path}.list._default`, `${path}.needs.not.wrong`]
        .map((field) => String.raw`299 - "unknown field \"${field}\""`)
        .join(', '),
    );
    expect(body.spec.versions[0].schema.openAPIV3Schema.properties).toEqual({
      list: { type: 'array', items: { type: 'string' } },
      map: { type: 'object', additionalProperties: { type: 'string' }, default: { a: 1 } },
      needs: { dependencies: { a: { type: 'string' }, b: ['a'] }, not: {} },
    });
  });

  test('fail an apply, all of them in one message', async () => {
    const server = await TestServer.start();

    const path = `${DEFINITIONS}/webapps.example.com`;
    const { code, body } = await server.apply(path, webAppDefinition(version), 'one');

    expect(code).toBe(500);
    expect(body.message.split('\n')).toEqual([
      'failed to create typed patch object (/webapps.example.com; apiextensions.k8s.io/v1, Kind=CustomResourceDefinition): errors:',
      '  .spec.versions[0].schema.openAPIV3Schema.properties.list._default: field not declared in schema',
      '  .spec.versions[0].schema.openAPIV3Schema.properties.needs.not.wrong: field not declared in schema',
    ]);
  });
});

test('a field validation that does not exist is refused', async () => {
  const server = await TestServer.start();

  const { code, body } = await server.post(`${CONFIG_MAPS}?fieldValidation=Maybe`, configMap('a'));

  expect(code).toBe(422);
  expect(body.details.causes[0].field).toBe('fieldValidation');
});
