import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { KubeClient } from '../../src/kube-client.ts';
import { metadataOnly } from '../../src/metadata-only.ts';
import { defineResource } from '../../src/resource.ts';
import { pods } from '../../src/resources-core.ts';
import {
  field,
  frame,
  number,
  podFields,
  podJson,
  podList,
  unknown,
} from '../../testing/protobuf-bytes.ts';
import { startServer, type ScriptedServer } from '../../testing/scripted-server.ts';

const type = 'application/vnd.kubernetes.protobuf';

function send(response: ServerResponse, bytes: Buffer, statusCode = 200): void {
  response.writeHead(statusCode, { 'content-type': type });
  response.end(bytes);
}

function sendJson(response: ServerResponse, body: unknown, statusCode = 200): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function connect(server: ScriptedServer, options = {}): KubeClient {
  return new KubeClient({ server: server.url, skipTLSVerify: true, protobuf: true, ...options });
}

const status = unknown(
  'v1',
  'Status',
  field(1),
  field(2, 'Failure'),
  field(3, 'too old'),
  field(4, 'Expired'),
  number(6, 410),
);

describe('lists', () => {
  test('items and metadata are those of JSON, wherever the bytes are cut', async () => {
    const list = podList('a', 'b');
    const wanted = {
      apiVersion: 'v1',
      kind: 'PodList',
      metadata: { resourceVersion: '12', continue: 'next', remainingItemCount: 3 },
      items: [podJson('a'), podJson('b')],
    };
    await using server = await startServer((request, response) => {
      const size = Number(/limit=(\d+)/.exec(request.url ?? '')?.[1]);
      response.writeHead(200, { 'content-type': type });
      for (let at = 0; at < list.length; at += size) response.write(list.subarray(at, at + size));
      response.end();
    });
    await using client = connect(server);

    for (const limit of [1, 2, 3, 7, 50, 10_000])
      expect(await client.resource(pods).list({ limit })).toEqual(wanted);
  });

  test.each<[string, Buffer, RegExp]>([
    ['cut off', podList('a', 'b').subarray(0, -20), /after 1 items: The list ends in the middle/],
    ['empty', Buffer.alloc(0), /ends in the middle/],
    ['of another kind', unknown('v1', 'Pod', ...podFields('a')), /has no items/],
    ['not protobuf', Buffer.from('<html>'), /does not begin as an object/],
    ['longer than its surroundings', unknown('v1', 'PodList', Buffer.from([0x12, 0x7f])), /fit/],
    ['a failure', status, /too old \(410 Expired\)/],
  ])('a list that is %s is refused', async (_, bytes, message) => {
    await using server = await startServer((_request, response) => send(response, bytes));
    await using client = connect(server);

    await expect(client.resource(pods).list()).rejects.toThrow(message);
  });

  test('an item longer than the limit is refused before it has come', async () => {
    const item = Buffer.concat([Buffer.from([0x12]), Buffer.from([0xff, 0xff, 0xff, 0x7f])]);
    const begin = Buffer.concat([
      Buffer.from('k8s\0'),
      field(1, field(1, 'v1'), field(2, 'PodList')),
      Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      item,
    ]);
    await using server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.write(begin);
    });
    await using client = connect(server, { maxObjectBytes: 1000 });

    await expect(client.resource(pods).list()).rejects.toThrow(/longer than 1000 bytes/);
  });
});

describe('watches', () => {
  test('events, bookmarks and failures are those of JSON, wherever the bytes are cut', async () => {
    const annotation = field(12, field(1, 'k8s.io/initial-events-end'), field(2, 'true'));
    const bytes = Buffer.concat([
      frame('ADDED', unknown('v1', 'Pod', ...podFields('a'))),
      frame('BOOKMARK', unknown('v1', 'Pod', field(1, field(6, '9'), annotation))),
      frame('ERROR', status),
    ]);
    await using server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': `${type};stream=watch` });
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    await using client = connect(server);

    const events: unknown[] = [];
    for await (const event of client.resource(pods).watch()) events.push(event);

    expect(events).toEqual([
      { type: 'ADDED', object: podJson('a') },
      {
        type: 'BOOKMARK',
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
        },
      },
      {
        type: 'ERROR',
        object: {
          apiVersion: 'v1',
          kind: 'Status',
          metadata: {},
          status: 'Failure',
          message: 'too old',
          reason: 'Expired',
          code: 410,
        },
      },
    ]);
  });

  test.each<[string, Buffer, RegExp]>([
    ['ends within an event', frame('ADDED', status).subarray(0, -1), /in the middle of an event/],
    ['has an event without an object', Buffer.from([0, 0, 0, 0]), /no event: It has no type/],
    ['has an event too long', Buffer.from([255, 0, 0, 0]), /longer than 67108864 bytes/],
  ])('a watch that %s fails', async (_, bytes, message) => {
    await using server = await startServer((_request, response) => send(response, bytes));
    await using client = connect(server);

    await expect(client.resource(pods).watch()[Symbol.asyncIterator]().next()).rejects.toThrow(
      message,
    );
  });
});

describe('what is asked for', () => {
  test('built-in kinds and metadata as protobuf where they are read, everything else as JSON', async () => {
    await using server = await startServer((request, response) => {
      if (request.url?.endsWith('/a')) sendJson(response, podJson('a'));
      else sendJson(response, { kind: 'List', items: [], metadata: {} });
    });
    await using client = connect(server);
    const widgets = defineResource<object>({
      group: 'example.com',
      version: 'v1',
      plural: 'widgets',
      kind: 'Widget',
      namespaced: true,
    });
    await client.resource(pods).list();
    await client.resource(pods).namespace('x').get('a');
    await client.resource(widgets).list();
    await client
      .resource(metadataOnly(widgets))
      .list()
      .catch(() => {});
    await client.resource(pods).namespace('x').patch('a', {}, { type: 'merge' });

    const form = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    expect(server.requests.map(({ headers }) => headers.accept)).toEqual([
      `${type},application/json`,
      `${type},application/json`,
      'application/json',
      `${type};${form},application/json;${form}`,
      'application/json',
    ]);
  });

  test('the option turns it off', async () => {
    await using server = await startServer((_, response) => sendJson(response, { items: [] }));
    await using client = connect(server, { protobuf: false });

    await client.resource(pods).list();

    expect(server.requests[0]?.headers.accept).toBe('application/json');
  });

  test('a server that refuses the form is asked for JSON from then on', async () => {
    await using server = await startServer((request, response) => {
      if (request.headers.accept !== 'application/json') sendJson(response, {}, 406);
      else sendJson(response, { kind: 'PodList', items: [{}], metadata: {} });
    });
    await using client = connect(server);

    const lists = [await client.resource(pods).list(), await client.resource(pods).list()];

    expect(lists.map(({ items }) => items.length)).toEqual([1, 1]);
    expect(server.requests).toHaveLength(3);
  });

  test('a failure in protobuf says what the server says', async () => {
    await using server = await startServer((_, response) => send(response, status, 410));
    await using client = connect(server);

    await expect(client.resource(pods).namespace('x').get('a')).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
      message: expect.stringContaining('too old'),
    });
  });
});
