import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { isTooManyRequests } from '../src/api-status-error.ts';
import type { KubeClientOptions } from '../src/client-options.ts';
import { KubeClient } from '../src/kube-client.ts';
import { nodes, pods } from '../src/resources-core.ts';
import { keepAliveMs } from '../src/transport.ts';
import { NotingClock } from '../testing/noting-clock.ts';
import { startRawServer } from '../testing/raw-server.ts';
import {
  answerJson,
  answerStatus,
  startServer,
  type Script,
  type ScriptedServer,
} from '../testing/scripted-server.ts';

const busy = { code: 429, reason: 'TooManyRequests', message: 'slow down' };
const failure = (thrown: unknown): unknown => thrown;

interface Fixture extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly client: KubeClient;
  readonly clock: NotingClock;
}

async function start(script: Script, more: Partial<KubeClientOptions> = {}): Promise<Fixture> {
  const clock = new NotingClock();
  const server = await startServer(script);
  const client = new KubeClient({ server: server.url, skipTLSVerify: true, clock, ...more });
  return {
    server,
    client,
    clock,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Answers 429 so many times, then well. */
function busyFor(times: number, headers: Record<string, string> = { 'retry-after': '2' }): Script {
  let left = times;
  return (_, response) =>
    left-- > 0
      ? answerStatus(response, busy, headers)
      : answerJson(response, { metadata: {}, items: [] });
}

/** No timer is set but that of the connection, which waits for another call, and with the client that goes too. */
async function expectRest({ client, clock }: Fixture): Promise<void> {
  // The connection is free a moment after the answer has been read.
  await clock.settle();
  expect(clock.delays).toEqual([keepAliveMs]);
  await client.close();
  expect(clock.pending).toBe(0);
}

describe('Retry-After', () => {
  test('a call that is told to come back waits exactly as long as the server asked', async () => {
    await using fixture = await start(busyFor(1));
    const call = fixture.client
      .resource(pods)
      .namespace('a')
      .create({ metadata: { name: 'x' } });
    await fixture.clock.whenSet(2000);

    await fixture.clock.stepAsync(1999);
    expect(fixture.server.requests).toHaveLength(1);
    await fixture.clock.stepAsync(1);
    await call;

    expect(fixture.server.requests).toHaveLength(2);
    expect(fixture.server.requests[1]?.body).toBe(fixture.server.requests[0]?.body);
    expect(fixture.server.accepted).toBe(1);
  });

  test('after ten tries more the failure is given to the caller', async () => {
    await using fixture = await start(busyFor(99));
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    for (let i = 0; i < 10; i += 1) {
      await fixture.clock.whenSet(2000);
      await fixture.clock.stepAsync(2000);
    }

    const error = await call;

    expect(isTooManyRequests(error)).toBe(true);
    expect(fixture.server.requests).toHaveLength(11);
  });

  test('with maxRetries of zero the caller sees the failure at once, with the wait that the server asked for', async () => {
    await using fixture = await start(busyFor(1));

    const error = await fixture.client.resource(pods).list({ maxRetries: 0 }).catch(failure);

    expect(error).toMatchObject({ code: 429, retryAfterMs: 2000 });
    await expectRest(fixture);
  });

  test('maxRetries of the client holds for all calls, watches included', async () => {
    await using fixture = await start(busyFor(9), { maxRetries: 0 });
    const { client } = fixture;

    const errors = await Promise.all([
      client.resource(pods).watch()[Symbol.asyncIterator]().next().catch(failure),
      client.resource(pods).list().catch(failure),
      client.request('/version').catch(failure),
    ]);

    expect(errors.map(isTooManyRequests)).toEqual([true, true, true]);
  });

  test('a 429 without the header is given to the caller', async () => {
    await using fixture = await start(busyFor(1, {}));

    expect(await fixture.client.resource(nodes).get('a').catch(failure)).toMatchObject({
      code: 429,
      retryAfterMs: undefined,
    });
  });

  test.each([503, 500, 504])('%d with the header is tried again', async (code) => {
    let isFirst = true;
    await using fixture = await start((_, response) => {
      if (!isFirst) return answerJson(response, { metadata: {} });
      isFirst = false;
      return answerStatus(response, { code }, { 'retry-after': '1' });
    });
    const call = fixture.client.resource(nodes).delete('a');
    await fixture.clock.whenSet(1000);

    await fixture.clock.stepAsync(1000);

    expect(await call).toEqual({ metadata: {} });
  });

  test('an abort ends the wait at once and leaves no timer', async () => {
    await using fixture = await start(busyFor(1));
    const controller = new AbortController();
    const { signal } = controller;
    const call = fixture.client.resource(nodes).get('a', { signal }).catch(failure);
    await fixture.clock.whenSet(2000);

    controller.abort(new Error('enough'));

    expect(await call).toMatchObject({ message: 'enough' });
    await expectRest(fixture);
  });

  test('closing ends the wait at once and leaves no timer', async () => {
    await using fixture = await start(busyFor(1));
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    await fixture.clock.whenSet(2000);

    await fixture.client.close();

    expect((await call) as Error).toMatchObject({ message: expect.stringContaining('is closed') });
    expect(fixture.clock.pending).toBe(0);
  });
});

describe('a connection that is reset before the answer', () => {
  const resetFor = (times: number): Script => {
    let left = times;
    return ({ socket }, response) =>
      left-- > 0 ? void socket.destroy() : answerJson(response, { metadata: {}, items: [] });
  };

  test('is tried again after a second when the call only reads', async () => {
    await using fixture = await start(resetFor(1));
    const call = fixture.client.resource(nodes).get('a');
    await fixture.clock.whenSet(1000);

    await fixture.clock.stepAsync(1000);

    expect(await call).toEqual({ metadata: {}, items: [] });
  });

  test('fails the call when it writes, since it may have been done', async () => {
    await using fixture = await start(resetFor(1));

    const error = await fixture.client.resource(nodes).delete('a').catch(failure);

    expect(error).toMatchObject({ name: 'ConnectionError', code: 'ECONNRESET' });
    expect(fixture.server.requests).toHaveLength(1);
  });

  test('fails the call when maxRetries is zero', async () => {
    await using fixture = await start(resetFor(1));

    const error = await fixture.client.resource(nodes).list({ maxRetries: 0 }).catch(failure);

    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('signals', () => {
  test('an abort while the answer arrives rejects with the reason and closes the connection', async () => {
    const controller = new AbortController();
    await using fixture = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":[');
      setImmediate(() => controller.abort(new Error('enough')));
    });

    const { signal } = controller;
    const error = await fixture.client.resource(pods).list({ signal }).catch(failure);

    expect(error).toMatchObject({ message: 'enough' });
    await fixture.server.drained();
  });

  test('an abort at any moment rejects, however many steps the call has taken', async () => {
    let isSilent = false;
    await using fixture = await start((_, response) => {
      if (!isSilent) answerJson(response, { metadata: {}, items: [] });
    });
    const { client } = fixture;

    for (let steps = 0; steps < 40; steps += 1) {
      isSilent = false;
      await client.resource(pods).list();
      isSilent = true;
      const controller = new AbortController();
      const call = client.resource(pods).list({ signal: controller.signal }).catch(failure);
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      controller.abort(new Error(`after ${steps} steps`));
      expect(await call).toMatchObject({ message: `after ${steps} steps` });
    }

    await client.close();
    await fixture.server.drained();
  });

  test('what is no signal is refused by its name, such as the controller itself', async () => {
    await using fixture = await start(busyFor(0));
    // A mistake that programs without types make.
    const signal = new AbortController() as unknown as AbortSignal;

    const error = await fixture.client.resource(pods).list({ signal }).catch(failure);

    expect(error).toMatchObject({
      name: 'TypeError',
      message:
        'Cannot list pods: option "signal" must be an AbortSignal, such as new AbortController().signal',
    });
    expect(fixture.server.requests).toEqual([]);
  });

  test('a call that ended leaves no listener on the signal', async () => {
    await using fixture = await start(busyFor(0));
    const { signal } = new AbortController();

    await fixture.client.resource(pods).list({ signal });

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

test('a refusal in a compression that nobody asked for leaves no connection behind', async () => {
  await using fixture = await start((_, response) => {
    response.writeHead(500, { 'content-encoding': 'br' }).write('half of it');
  });

  const error = await fixture.client.resource(pods).list().catch(failure);

  expect(error).toMatchObject({ code: 500 });
  await fixture.server.drained();
});

describe('answerTimeoutMs', () => {
  /** Begins an answer and never ends it. */
  const drip =
    (code: number): Script =>
    (_, response) => {
      response.writeHead(code, { 'content-type': 'application/json' });
      response.write('{"type":"ADDED","object":{}}\n');
    };

  test('an answer that is not complete in ten minutes fails the call and leaves no timer', async () => {
    // As if something came now and then, so that only the whole takes too long.
    await using fixture = await start(drip(200), { requestTimeoutMs: 700_000 });
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    await fixture.clock.whenSet(600_000);

    fixture.clock.step(599_999);
    expect(fixture.clock.delays).toContain(600_000);
    fixture.clock.step(1);

    expect(String(await call)).toMatch(
      /^ConnectionError: Cannot read the answer of server https?:\S+: it was not complete within 600000 ms$/,
    );
    await fixture.client.close();
    expect(fixture.clock.pending).toBe(0);
  });

  test('a failure is told by what there is of it', async () => {
    await using fixture = await start(drip(500), { answerTimeoutMs: 50 });
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    await fixture.clock.whenSet(50);

    fixture.clock.step(50);

    expect(String(await call)).toContain('ADDED');
  });

  test('a watch may take as long as it likes, but not its refusal', async () => {
    const scripts = [drip(200), drip(500)];
    await using fixture = await start((request, response) =>
      scripts[fixture.server.requests.length - 1]?.(request, response),
    );
    const good = fixture.client.resource(nodes).watch()[Symbol.asyncIterator]();
    await good.next();
    expect(fixture.clock.delays).not.toContain(600_000);

    const refused = fixture.client.resource(nodes).watch()[Symbol.asyncIterator]();
    const first = refused.next().catch(failure);
    await fixture.clock.whenSet(600_000);
    fixture.clock.step(600_000);

    expect(String(await first)).toContain('500');
    await good.return?.();
  });

  test('a call that is answered in time leaves no timer', async () => {
    await using fixture = await start((_, response) => answerJson(response, { kind: 'Node' }));

    expect(await fixture.client.resource(nodes).get('a')).toEqual({ kind: 'Node' });

    await expectRest(fixture);
  });

  test('zero means that an answer may take for ever', async () => {
    await using fixture = await start(drip(200), { answerTimeoutMs: 0, requestTimeoutMs: 0 });
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    while (fixture.server.requests.length === 0)
      await new Promise((resolve) => setImmediate(resolve));

    await fixture.clock.stepAsync(10_000_000);
    await fixture.client.close();

    expect(String(await call)).toContain('is closed');
  });
});

describe('requestTimeoutMs', () => {
  test('a server that is silent for longer fails the call with the code of the time-out', async () => {
    await using fixture = await start(() => {}, { requestTimeoutMs: 20 });
    let isOver = false;
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    void call.finally(() => (isOver = true));
    await fixture.clock.whenSet(20);

    await fixture.clock.stepAsync(19);
    expect(isOver).toBe(false);
    await fixture.clock.stepAsync(1);

    expect(await call).toMatchObject({
      name: 'ConnectionError',
      code: 'ETIMEDOUT',
      message: expect.stringContaining('no answer came within 20 ms'),
    });
    await fixture.server.drained();
  });

  test('silence within an answer fails the call as well', async () => {
    await using fixture = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const call = fixture.client.resource(nodes).get('a').catch(failure);
    // The limit for the whole answer is set as its headers come.
    await fixture.clock.whenSet(600_000);

    await fixture.clock.stepAsync(300_000);

    expect(String(await call)).toContain('nothing more of the answer came within 300000 ms');
  });
});

describe('clock', () => {
  const emptyAnswer: Script = (_, response) => answerJson(response, { metadata: {} });

  test('a connection without a call is closed after 45 seconds of it', async () => {
    await using fixture = await start(emptyAnswer);
    const { client, clock, server } = fixture;
    const callAfter = async (ms: number): Promise<void> => {
      await clock.stepAsync(ms);
      await client.resource(nodes).get('a');
      await clock.settle();
    };

    await callAfter(0);
    await callAfter(44_999);
    expect(server.accepted).toBe(1);
    await callAfter(45_000);

    expect(server.accepted).toBe(2);
  });

  test('a handshake that takes longer than 30 seconds of it fails the call', async () => {
    await using silent = await startRawServer(() => {});
    const clock = new NotingClock();
    const server = silent.url.replace('http:', 'https:');
    await using client = new KubeClient({ server, skipTLSVerify: true, clock });
    const call = client.resource(nodes).get('a').catch(failure);
    await clock.whenSet(30_000);

    clock.step(29_999);
    expect(clock.delays).toEqual([30_000]);
    clock.step(1);

    expect(String(await call)).toContain('the connection was not ready within 30000 ms');
  });
});

describe('qps and burst', () => {
  test('requests beyond the burst wait for their turn', async () => {
    await using fixture = await start(busyFor(0), { qps: 1, burst: 2 });
    const calls = [1, 2, 3].map(() => fixture.client.resource(nodes).get('a'));
    await Promise.all(calls.slice(0, 2));
    expect(fixture.server.requests).toHaveLength(2);

    await fixture.clock.stepAsync(1000);
    await calls[2];

    expect(fixture.server.requests).toHaveLength(3);
  });
});
