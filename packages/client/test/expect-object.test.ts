import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isForbidden } from '../src/api-status-error.ts';
import { KubeClient } from '../src/kube-client.ts';
import { configMaps } from '../src/resources-core.ts';
import { deployments } from '../src/resources-workloads.ts';
import { answerJson, startServer, type ScriptedServer } from '../testing/scripted-server.ts';

let server: ScriptedServer;
let client: KubeClient;
let answer: unknown;

beforeAll(async () => {
  server = await startServer((_, response) => answerJson(response, answer));
  client = new KubeClient({ server: server.url, skipTLSVerify: true });
});

afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

const maps = () => client.resource(configMaps).namespace('shop');
const one = { metadata: { name: 'one' } };
const failure = {
  kind: 'Status',
  status: 'Failure',
  code: 403,
  reason: 'Forbidden',
  message: 'no',
};

describe('an answer that says success and is something else', () => {
  test('is refused with what came, what was asked for and where', async () => {
    answer = { kind: 'Pong', apiVersion: 'v1', metadata: {} };

    await expect(maps().get('one')).rejects.toThrow(
      `Cannot get configmaps "one" in namespace "shop": server ${server.url} answered with "Pong" instead of ConfigMap, so this may be no API server`,
    );
  });

  test.each([[null], [[]], [7], [{ status: 'ok' }]])('%j is no object', async (value) => {
    answer = value;

    await expect(maps().get('one')).rejects.toThrow(
      `answered with ${JSON.stringify(JSON.stringify(value))} instead of ConfigMap`,
    );
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['create', () => maps().create(one), 'ConfigMap'],
    ['update', () => maps().update(one), 'ConfigMap'],
    ['updateStatus', () => maps().updateStatus(one), 'ConfigMap'],
    ['patch', () => maps().patch('one', {}, { type: 'merge' }), 'ConfigMap'],
    ['apply', () => maps().apply(one, { fieldManager: 'me' }), 'ConfigMap'],
    ['delete', () => maps().delete('one'), 'ConfigMap or Status'],
    ['getScale', () => client.resource(deployments).namespace('a').getScale('one'), 'Scale'],
  ])('is refused by %s', async (_, call, wanted) => {
    answer = { kind: 'Pong' };

    await expect(call()).rejects.toThrow(`answered with "Pong" instead of ${wanted}`);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['get', () => maps().get('one')],
    ['delete', () => maps().delete('one')],
    ['list', () => maps().list()],
    ['deleteCollection', () => maps().deleteCollection()],
  ])('is the failure that it says when it is a Status, for %s', async (_, call) => {
    answer = failure;

    const error: unknown = await call().catch((thrown: unknown) => thrown);

    expect(isForbidden(error)).toBe(true);
    expect(String(error)).toContain(`server ${server.url} answered with a failure: no (403 Forbid`);
  });
});

test.each([
  [{ kind: 'Pong', items: [] }, 'It is of kind "Pong", which is not a list'],
  [{ status: 'ok' }, 'It has no items, so it is not a list'],
])('%j does not say that many objects were deleted', async (value, message) => {
  answer = value;

  await expect(maps().deleteCollection()).rejects.toThrow(
    `Cannot read the list of configmaps: ${message}`,
  );
});

describe('an answer that is what was asked for', () => {
  test.each([
    [{ kind: 'Status', status: 'Success' }],
    [{ kind: 'ConfigMapList', metadata: {}, items: [one] }],
  ])('may be %j when it is about the deletion of many', async (value) => {
    answer = value;

    expect(await maps().deleteCollection()).toBeUndefined();
  });

  test('may leave out its kind', async () => {
    answer = one;

    expect(await maps().get('one')).toEqual(one);
  });

  test.each([['Status'], ['ConfigMap']])(
    'may be a %s when it is about a deletion',
    async (kind) => {
      answer = { kind };

      expect(await maps().delete('one')).toEqual({ kind });
    },
  );
});
