import { describe, expect, test } from 'vitest';
import {
  CONFIG_MAPS,
  configMap,
  installWebApps,
  pod,
  PODS,
  TestServer,
  WEB_APPS,
  webApp,
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

test('a field validation that does not exist is refused', async () => {
  const server = await TestServer.start();

  const { code, body } = await server.post(`${CONFIG_MAPS}?fieldValidation=Maybe`, configMap('a'));

  expect(code).toBe(422);
  expect(body.details.causes[0].field).toBe('fieldValidation');
});
