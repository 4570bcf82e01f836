import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { KubeClient, type ApiStatusError } from '../src/index.ts';
import type { KubeClientOptions } from '../src/client-options.ts';
import { LineSplitter } from '../src/line-splitter.ts';
import { pods } from '../src/resources-core.ts';
import { pour, startRawServer, type RawServer } from '../testing/raw-server.ts';

const run = promisify(execFile);
const json = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const chunked = `${json}Transfer-Encoding: chunked\r\n\r\n`;
const maxObjectBytes = 1_000_000;

function chunk(data: string | Buffer): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
}

function whole(body: string | Buffer, headers = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`${json}${headers}Content-Length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}

function clientOf(server: RawServer, options: Partial<KubeClientOptions> = {}): KubeClient {
  return new KubeClient({
    server: server.url,
    skipTLSVerify: true,
    maxRetries: 0,
    maxObjectBytes,
    requestTimeoutMs: 2000,
    ...options,
  });
}

/** What a call rejects with; nothing of it may stay open. */
async function failureOf(
  onRequest: (socket: Socket) => void,
  call: (client: KubeClient) => Promise<unknown>,
  options: Partial<KubeClientOptions> = {},
): Promise<Error> {
  await using server = await startRawServer(onRequest);
  await using client = clientOf(server, options);
  const error: unknown = await call(client).then(
    (value) => Promise.reject(new Error(`It resolved: ${JSON.stringify(value)?.slice(0, 200)}`)),
    (thrown: unknown) => thrown,
  );
  await client.close();
  await expect.poll(() => server.open).toBe(0);
  // Every failure of the client is an Error.
  return error as Error;
}

const list = (client: KubeClient): Promise<unknown> => client.resource(pods).list();
const get = (client: KubeClient): Promise<unknown> => client.resource(pods).namespace('a').get('b');
const watch = async (client: KubeClient): Promise<unknown> => {
  for await (const event of client.resource(pods).watch()) return event;
  return 'the end';
};

describe('an answer without an end', () => {
  const endless = (start: string, rest: string) => (socket: Socket) => {
    socket.write(chunked);
    socket.write(chunk(start));
    void pour(socket, chunk(rest.repeat(65_536)));
  };

  test('a line of a watch is refused at the limit, and the error names server and watch', async () => {
    const error = await failureOf(endless('{"type":"', 'a'), watch);

    expect(error.message).toMatch(
      /^A line of server http:\S+ for "watch pods" is longer than 1000000 bytes/,
    );
  });

  test('an item of a list is refused at the limit', async () => {
    const error = await failureOf(endless('{"kind":"PodList","items":[{"a":"', 'a'), list);

    expect(error.message).toMatch(/^Cannot read the list of pods: An item of the list is longer/);
  });

  test('what is around the items of a list is refused at the limit', async () => {
    const error = await failureOf(endless('{"kind":"', 'a'), list);

    expect(error.message).toMatch(/What is around the items of the list is longer/);
  });

  test('an object is refused at the limit', async () => {
    const error = await failureOf(endless('{"kind":"', ' '), get);

    expect(error.message).toMatch(/^The answer of server http:\S+ is longer than 1000000 bytes/);
  });

  test('a page that is no JSON is quoted and left', async () => {
    const html = (socket: Socket): void => {
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      void pour(socket, chunk('<p>Log in</p>'.repeat(5000)));
    };

    for (const call of [list, get, watch]) {
      const error = await failureOf(html, call);
      expect(error.message).toMatch(/it is text\/html instead of JSON.*<p>Log in<\/p>/);
    }
  });

  test('a failure is told by its beginning', async () => {
    const failing = (socket: Socket): void => {
      socket.write(
        'HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      void pour(socket, chunk('broken '.repeat(5000)));
    };

    const error = await failureOf(failing, get);

    expect(error.message).toMatch(/^Cannot get pods "b".*the server answered "broken broken/);
    expect(error.message.length).toBeLessThan(1000);
  });
});

describe('memory', () => {
  test('a line that comes byte by byte costs no more than the line', () => {
    const line = new LineSplitter(4_000_000);
    const byte = Buffer.from('xa');
    const before = process.memoryUsage();

    for (let count = 0; count < 3_000_000; count += 1) for (const _ of line.push(byte.subarray(1)));

    const after = process.memoryUsage();
    const grown = after.heapUsed + after.external - before.heapUsed - before.external;
    expect(grown).toBeLessThan(60_000_000);
    expect(line.end()).toBe('a'.repeat(3_000_000));
  });

  // Tried again, since what is measured depends on when garbage is collected.
  test(
    'endless answers of every kind fit into a small heap, and leave the event loop free',
    { retry: 2, timeout: 120_000 },
    async () => {
      const program = new URL('../testing/hostile-child.ts', import.meta.url).pathname;

      const { stdout } = await run(
        process.execPath,
        ['--conditions=@kubeloop/source', '--max-old-space-size=96', program],
        { timeout: 110_000 },
      );

      // What the program prints.
      const { refused, longestTurnMs, rssBytes } = JSON.parse(stdout) as Record<string, number>;
      expect(refused).toBe(6);
      expect(rssBytes).toBeLessThan(450_000_000);
      expect(longestTurnMs).toBeLessThan(50);
    },
  );
});

describe('compression', () => {
  const bomb = gzipSync(
    Buffer.alloc(200_000_000, '{"kind":"PodList","items":[{"a":"'.padEnd(100, 'a')),
  );

  test.each([
    ['list', list],
    ['get', get],
    ['watch', watch],
  ])('a small answer that becomes a huge one is refused at the limit: %s', async (_, call) => {
    const before = process.memoryUsage().rss;

    const error = await failureOf(
      (socket) => socket.end(whole(bomb, 'Content-Encoding: gzip\r\n')),
      call,
    );

    expect(error.message).toMatch(/is longer than 1000000 bytes|is not JSON/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test('a small list that becomes one of millions of items is refused at the limit for lists', async () => {
    const items = gzipSync(`{"kind":"PodList","items":[{}${',{}'.repeat(20_000_000)}]}`);
    await using server = await startRawServer((socket) =>
      socket.end(whole(items, 'Content-Encoding: gzip\r\n')),
    );
    await using client = clientOf(server, { maxListBytes: 5_000_000 });

    await expect(list(client)).rejects.toThrow(/after \d+ items: It is larger than 5000000 bytes/);
  });

  test('an encoding that was not asked for is named', async () => {
    const error = await failureOf(
      (socket) => socket.end(whole('x', 'Content-Encoding: br\r\n')),
      get,
    );

    expect(error.message).toContain(
      'Cannot read an answer in the encoding "br": only gzip is known',
    );
  });
});

describe('strange objects', () => {
  const object = (extra: string): string =>
    `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"b","namespace":"a"${extra}}}`;

  async function answered(body: string | Buffer): Promise<unknown> {
    await using server = await startRawServer((socket) => socket.write(whole(body)));
    await using client = clientOf(server, { maxObjectBytes: 16_000_000 });
    return await get(client);
  }

  test('a hundred thousand labels arrive', async () => {
    const labels = Array.from({ length: 100_000 }, (_, index) => `"label-${index}":"v"`).join(',');

    const pod = await answered(object(`,"labels":{${labels}}`));

    expect(pod).toHaveProperty('metadata.labels.label-99999', 'v');
  });

  test('a hundred thousand levels arrive', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

    await expect(answered(object(`,"deep":${deep}`))).resolves.toHaveProperty('metadata.deep');
  });

  test('members that JavaScript knows are members like any other', async () => {
    const pod = await answered(object(',"labels":{"__proto__":"v","constructor":"w"}'));

    expect(JSON.stringify(pod)).toContain('"labels":{"__proto__":"v","constructor":"w"}');
    expect({}).not.toHaveProperty('labels');
  });

  test('bytes that are no UTF-8 become replacement characters', async () => {
    const body = Buffer.from(object(',"labels":{"a":"X"}').replace('X', '\u00ff'), 'latin1');

    await expect(answered(body)).resolves.toHaveProperty('metadata.labels.a', '\ufffd');
  });
});

describe('strange HTTP', () => {
  test('headers without an end are refused', async () => {
    const error = await failureOf((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      void pour(socket, `X-Header: ${'a'.repeat(5000)}\r\n`);
    }, get);

    expect(error.message).toMatch(
      /^Cannot reach server http:\S+: the headers of the answer are larger than 16384 bytes/,
    );
  });

  test('headers that come drop by drop do not last longer than the limit for silence', async () => {
    const clock = new FakeClock();
    const dropByDrop = async (socket: Socket): Promise<void> => {
      socket.write('HTTP/1.1 200 OK\r\nX: ');
      while (!socket.destroyed) {
        socket.write('a');
        await clock.stepAsync(50);
      }
    };

    const error = await failureOf((socket) => void dropByDrop(socket), get, { clock });

    expect(error.message).toMatch(/^Cannot reach server http:\S+: no answer came within 2000 ms/);
    expect(clock.now()).toBeLessThan(3000);
  });

  test('informational answers without an end are refused', async () => {
    const error = await failureOf(
      (socket) => void pour(socket, 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'),
      get,
    );

    expect(error.message).toMatch(/^Cannot reach server http:\S+: more than 16 informational/);
  });

  test('a body that stops before its end is a broken connection', async () => {
    const error = await failureOf(
      (socket) => socket.end(`${json}Content-Length: 500\r\n\r\n{"kind":"Pod"}`),
      get,
    );

    expect(error.message).toMatch(/^Cannot read the answer of server http:/);
  });

  test('what follows the end of an answer is never the answer of the next request', async () => {
    let count = 0;
    await using server = await startRawServer((socket) => {
      count += 1;
      const body = JSON.stringify({ count });
      socket.write(
        count === 1 ? Buffer.concat([whole(body), whole('{"count":"smuggled"}')]) : whole(body),
      );
    });
    await using client = clientOf(server);

    await expect(client.request('/first')).resolves.toEqual({ count: 1 });
    await expect(client.request('/second')).resolves.toEqual({ count: 2 });
  });

  test('a redirection is not followed, so no credentials get anywhere else', async () => {
    await using elsewhere = await startRawServer((socket) => socket.end(whole('{}')));
    await using server = await startRawServer((socket) =>
      socket.write(
        `HTTP/1.1 302 Found\r\nLocation: http://me:secret@${elsewhere.url.slice(7)}/?token=secret\r\nContent-Length: 0\r\n\r\n`,
      ),
    );
    await using client = clientOf(server, { token: 'bearer' });

    const error: unknown = await get(client).catch((thrown: unknown) => thrown);

    expect(elsewhere.accepted).toBe(0);
    expect(String(error)).toContain(`redirects to ${elsewhere.url}/, so its URL may be wrong`);
    expect(String(error)).not.toContain('secret');
  });

  test('a huge message of a Status is cut in the message of the error and whole in its status', async () => {
    const message = 'x'.repeat(500_000);
    const body = JSON.stringify({ kind: 'Status', code: 409, reason: 'Conflict', message });
    const error = await failureOf(
      (socket) => socket.write(whole(body).toString().replace('200 OK', '409 Conflict')),
      get,
    );

    expect(error.message.length).toBeLessThan(5000);
    // A Conflict of a server becomes this class.
    expect((error as ApiStatusError).status.message).toBe(message);
  });
});
