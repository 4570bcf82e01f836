import { systemClock } from '@kubeloop/ratelimiter';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { BehaviourOptions } from '../src/client-options.ts';
import { KubeClient } from '../src/kube-client.ts';
import type {
  NameLookup,
  RequestDuration,
  RequestMetrics,
  RequestSize,
  RequestTry,
} from '../src/request-metrics.ts';
import { nodes, pods } from '../src/resources-core.ts';
import { NotingClock } from '../testing/noting-clock.ts';
import {
  answerJson,
  answerStatus,
  beginWatch,
  startServer,
  type Script,
} from '../testing/scripted-server.ts';

const failure = (thrown: unknown): unknown => thrown;
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } };
const emptyList: Script = (_, response) => answerJson(response, { metadata: {}, items: [] });

interface Told {
  readonly tries: RequestTry[];
  readonly calls: RequestDuration[];
  readonly waits: RequestDuration[];
  readonly sent: RequestSize[];
  readonly received: RequestSize[];
  readonly lookups: NameLookup[];
  readonly metrics: RequestMetrics;
}

function recorder(): Told {
  const tries: RequestTry[] = [];
  const calls: RequestDuration[] = [];
  const waits: RequestDuration[] = [];
  const sent: RequestSize[] = [];
  const received: RequestSize[] = [];
  const lookups: NameLookup[] = [];
  return {
    tries,
    calls,
    waits,
    sent,
    received,
    lookups,
    metrics: {
      tried: (request) => void tries.push(request),
      completed: (call) => void calls.push(call),
      throttled: (wait) => void waits.push(wait),
      sent: (request) => void sent.push(request),
      received: (answer) => void received.push(answer),
      resolved: (lookup) => void lookups.push(lookup),
    },
  };
}

/** The codes of the tries, with a mark at those that came again. */
const codes = (tries: readonly RequestTry[]): string[] =>
  tries.map(({ code, isRetry }) => (isRetry ? `${code} again` : code));

interface Fixture extends AsyncDisposable {
  readonly client: KubeClient;
  readonly clock: NotingClock;
  readonly host: string;
}

async function start(script: Script, behaviour: BehaviourOptions): Promise<Fixture> {
  const clock = new NotingClock();
  const server = await startServer(script);
  const client = new KubeClient({ server: server.url, skipTLSVerify: true, clock, ...behaviour });
  return {
    client,
    clock,
    host: new URL(server.url).host,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('the metrics of requests', () => {
  test('a call counts one try with its method, host and code', async () => {
    const told = recorder();
    await using fixture = await start(emptyList, told);

    await fixture.client.resource(pods).list();

    const { host } = fixture;
    expect(told.tries).toEqual([{ method: 'GET', host, code: '200', isRetry: false }]);
    expect(told.waits).toEqual([]);
  });

  test('each try tells the size of its body, the answer of a call its size without compression', async () => {
    const told = recorder();
    const answer = JSON.stringify({ ...node, text: 'ä'.repeat(5_000) });
    let left = 1;
    await using fixture = await start((_, response) => {
      if (left-- > 0) return answerStatus(response, { code: 429 }, { 'retry-after': '2' });
      response.setHeader('content-type', 'application/json');
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(answer));
    }, told);
    const { client, host } = fixture;
    const object = { metadata: { name: 'ü' } };

    const creation = client.resource(nodes).create(object);
    await fixture.clock.whenSet(2000);
    await fixture.clock.stepAsync(2000);
    await creation;
    await client.resource(nodes).get('a');

    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Node', ...object });
    const created = { method: 'POST', host, bytes: Buffer.byteLength(body) };
    expect(told.sent).toEqual([created, created, { method: 'GET', host, bytes: 0 }]);
    const bytes = Buffer.byteLength(answer);
    expect(told.received).toEqual([
      { method: 'POST', host, bytes },
      { method: 'GET', host, bytes },
    ]);
  });

  test('lists and refusals tell the size of their answers too, watches and what has no body do not', async () => {
    const told = recorder();
    await using fixture = await start((request, response) => {
      if (request.url?.includes('watch')) {
        beginWatch(response);
        response.end();
      } else if (request.url?.endsWith('/nodes/silent')) {
        response.statusCode = 404;
        response.end();
      } else if (request.url?.includes('/nodes')) {
        response.statusCode = 404;
        response.end('no such node');
      } else answerJson(response, { metadata: {}, items: [] });
    }, told);
    const { client, host } = fixture;

    await client.resource(pods).list();
    await client.resource(nodes).get('a').catch(failure);
    await client.resource(nodes).get('silent').catch(failure);
    for await (const _ of client.resource(pods).watch({ maxRetries: 0 })) break;

    const bytes = JSON.stringify({ metadata: {}, items: [] }).length;
    expect(told.received).toEqual([
      { method: 'GET', host, bytes },
      { method: 'GET', host, bytes: 'no such node'.length },
    ]);
    expect(told.sent.length).toBe(3);
  });

  test('each connection tells how long its name was looked up, and none where the URL has an address', async () => {
    const told = recorder();
    await using server = await startServer(emptyList);
    // A second goes by whenever somebody looks.
    let nowMs = 0;
    const clock = { ...systemClock, now: () => (nowMs += 1000) };

    for (const host of ['localhost', '127.0.0.1']) {
      await using client = new KubeClient({
        server: server.url.replace('127.0.0.1', host),
        skipTLSVerify: true,
        clock,
        ...told,
      });
      await client.resource(pods).list();
      await client.resource(pods).list();
    }

    expect(told.lookups).toEqual([{ host: 'localhost', durationMs: 1000 }]);
  });

  test('each try of a call counts, and all but the first as tries again', async () => {
    const told = recorder();
    let left = 2;
    await using fixture = await start(
      (_, response) =>
        left-- > 0
          ? answerStatus(response, { code: 429 }, { 'retry-after': '2' })
          : answerJson(response, node),
      told,
    );
    const call = fixture.client.resource(nodes).get('a');
    for (let i = 0; i < 2; i += 1) {
      await fixture.clock.whenSet(2000);
      await fixture.clock.stepAsync(2000);
    }
    await call;

    expect(codes(told.tries)).toEqual(['429', '429 again', '200 again']);
  });

  test('the duration of a call holds its waits and tries, and comes once', async () => {
    const told = recorder();
    let left = 1;
    await using fixture = await start(
      (_, response) =>
        left-- > 0
          ? answerStatus(response, { code: 503 }, { 'retry-after': '3' })
          : answerJson(response, node),
      told,
    );
    const call = fixture.client.resource(nodes).create({ metadata: { name: 'a' } });
    await fixture.clock.whenSet(3000);
    await fixture.clock.stepAsync(3000);
    await call;

    expect(told.calls).toEqual([{ method: 'POST', host: fixture.host, durationMs: 3000 }]);
  });

  test('a call that fails is told with its code and its duration', async () => {
    const told = recorder();
    await using fixture = await start((_, response) => answerStatus(response, { code: 404 }), told);

    await fixture.client.resource(nodes).get('a').catch(failure);

    expect(codes(told.tries)).toEqual(['404']);
    expect(told.calls).toHaveLength(1);
  });

  test('a try without an answer has the code <error>', async () => {
    const told = recorder();
    await using fixture = await start((_, response) => void response.destroy(), {
      ...told,
      maxRetries: 0,
    });

    await fixture.client.resource(nodes).get('a').catch(failure);

    expect(codes(told.tries)).toEqual(['<error>']);
  });

  test('a try that its caller gives up counts as one without an answer', async () => {
    const told = recorder();
    const stop = new AbortController();
    await using fixture = await start(() => stop.abort(), told);

    await fixture.client.resource(nodes).get('a', { signal: stop.signal }).catch(failure);

    expect(codes(told.tries)).toEqual(['<error>']);
    expect(told.calls).toHaveLength(1);
  });

  test('a request that is sent again in the plain form counts as tried again', async () => {
    const told = recorder();
    await using fixture = await start(
      (request, response) =>
        request.headers.accept?.includes('protobuf')
          ? answerStatus(response, { code: 406 })
          : answerJson(response, { metadata: {}, items: [] }),
      told,
    );

    await fixture.client.resource(pods).list();

    expect(codes(told.tries)).toEqual(['406', '200 again']);
  });

  test('a watch counts its tries and has no duration', async () => {
    const told = recorder();
    await using fixture = await start((_, response) => {
      beginWatch(response);
      response.end();
    }, told);

    for await (const event of fixture.client.resource(nodes).watch()) expect(event).toBeUndefined();

    expect(codes(told.tries)).toEqual(['200']);
    expect(told.calls).toEqual([]);
  });

  test('with qps, the wait for a turn is told for each try', async () => {
    const told = recorder();
    await using fixture = await start(emptyList, { ...told, qps: 1, burst: 1 });
    await fixture.client.resource(nodes).list();
    const second = fixture.client.resource(nodes).list();
    await fixture.clock.whenSet(1000);
    await fixture.clock.stepAsync(1000);
    await second;

    expect(told.waits.map(({ durationMs }) => durationMs)).toEqual([0, 1000]);
  });

  test('metrics that throw or reject fail no call and become one warning', async () => {
    const warned = once(process, 'warning');
    const metrics = {
      tried: () => {
        throw new Error('full');
      },
      completed: async () => Promise.reject(new Error('late')),
    };
    await using fixture = await start(emptyList, { metrics });

    await fixture.client.resource(pods).list();

    expect(String((await warned)[0])).toContain('The metrics of requests failed: full');
  });

  test.each([
    [5, 'Cannot use option "metrics": it must be an object'],
    [
      { tried: 5 },
      'Cannot use option "metrics": its member "tried" is of type number, not a function',
    ],
  ])('metrics that are none are refused: %j', (metrics, message) => {
    const make = (): KubeClient =>
      new KubeClient({
        server: 'http://127.0.0.1:1',
        skipTLSVerify: true,
        // What a program without types might give.
        metrics: metrics as unknown as RequestMetrics,
      });

    expect(make).toThrow(new TypeError(message));
  });
});
