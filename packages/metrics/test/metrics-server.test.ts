import { configMaps } from '@kubeloop/client';
import { Manager, quietLogger } from '@kubeloop/controller';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import {
  KubeloopMetrics,
  MetricsServer,
  type MetricsServerOptions,
  type ReadableRegistry,
} from '../src/index.ts';

interface Running extends AsyncDisposable {
  readonly server: MetricsServer;
  readonly url: string;
  stop(): Promise<void>;
}

async function start(options: Partial<MetricsServerOptions> = {}): Promise<Running> {
  const metrics = new KubeloopMetrics();
  metrics.leaderElection.slowpathExercised('shop');
  const server = new MetricsServer({
    registry: metrics.registry,
    port: 0,
    host: '127.0.0.1',
    ...options,
  });
  const stop = new AbortController();
  const run = server.run({ signal: stop.signal });
  const { url } = await server.listening();
  const ended = async (): Promise<void> => {
    stop.abort();
    await run;
  };
  return { server, url, stop: ended, [Symbol.asyncDispose]: ended };
}

describe('a request', () => {
  test('of the metrics is answered with them as text', async () => {
    await using running = await start();

    const answer = await fetch(running.url);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(Registry.PROMETHEUS_CONTENT_TYPE);
    expect(await answer.text()).toContain('leader_election_slowpath_total{name="shop"} 1');
  });

  test('that accepts OpenMetrics is answered so', async () => {
    await using running = await start();

    const answer = await fetch(running.url, {
      headers: { accept: 'application/openmetrics-text' },
    });

    expect(answer.headers.get('content-type')).toBe(Registry.OPENMETRICS_CONTENT_TYPE);
    expect((await answer.text()).endsWith('# EOF\n')).toBe(true);
  });

  test('with a query is answered all the same', async () => {
    await using running = await start();

    expect((await fetch(`${running.url}?name[]=up`)).status).toBe(200);
  });

  test.each(['/', '/metrics/', '/metric', '//', '/../metrics/x'])(
    'of another path, %s, is answered with 404',
    async (path) => {
      await using running = await start();

      expect((await fetch(new URL(running.url).origin + path)).status).toBe(404);
    },
  );

  test.each(['POST', 'HEAD', 'DELETE'])('by %s is answered with 405', async (method) => {
    await using running = await start();

    const answer = await fetch(running.url, { method });

    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET');
  });

  test('of metrics that cannot be written is answered with 500 and reported', async () => {
    const failure = new Error('full');
    const registry: ReadableRegistry = {
      contentType: Registry.PROMETHEUS_CONTENT_TYPE,
      getMetricsAsArray: () => [],
      metrics: async () => Promise.reject(failure),
    };
    const errors: unknown[] = [];
    await using running = await start({ registry, onError: (error) => void errors.push(error) });

    const answer = await fetch(running.url);

    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('full');
    expect(errors).toEqual([failure]);
  });

  test('is answered with 500 also when the function for errors throws', async () => {
    const registry: ReadableRegistry = {
      contentType: Registry.PROMETHEUS_CONTENT_TYPE,
      getMetricsAsArray: () => [],
      metrics: async () => Promise.reject(new Error('full')),
    };
    const onError = (): void => {
      throw new Error('broken');
    };
    await using running = await start({ registry, onError });
    const warned = once(process, 'warning');

    expect((await fetch(running.url)).status).toBe(500);
    expect(String((await warned)[0])).toContain('The metrics could not be written: full');
  });
});

describe('the server', () => {
  test('opens nothing before it runs, and tells its address while it does', async () => {
    const { registry } = new KubeloopMetrics();
    const server = new MetricsServer({ registry, port: 0, host: '127.0.0.1' });
    expect(server.address).toBeUndefined();
    const stop = new AbortController();
    const run = server.run({ signal: stop.signal });
    const { host, port } = await server.listening({ signal: stop.signal });

    expect(server.address).toEqual({
      host: '127.0.0.1',
      port,
      url: `http://${host}:${port}/metrics`,
    });
    stop.abort();
    await run;
    expect(server.address).toBeUndefined();
  });

  test('on all addresses names one that can be asked', async () => {
    const { registry } = new KubeloopMetrics();
    const server = new MetricsServer({ registry, port: 0 });
    const stop = new AbortController();
    const run = server.run({ signal: stop.signal });
    const { url } = await server.listening();

    expect((await fetch(url)).status).toBe(200);
    stop.abort();
    await run;
  });

  test('stops at once although a connection is kept open, and frees the port', async () => {
    const running = await start();
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');

    await running.stop();

    await closed;
    const refused = await fetch(running.url).catch((error: unknown) => error);
    expect(refused).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('does not wait for a peer that sends half a request for more than a second', async () => {
    const running = await start();
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write('GET /metrics HTTP/1.1\r\nhost:');
    // The server has it when it has answered a later one.
    await (await fetch(running.url)).text();
    const closed = once(socket, 'close');

    await running.stop();
    await closed;
    expect(running.server.address).toBeUndefined();
  });

  test('rejects when the port is in use, also towards those who wait', async () => {
    await using running = await start();
    const { port } = new URL(running.url);
    const { registry } = new KubeloopMetrics();
    const second = new MetricsServer({ registry, port: Number(port), host: '127.0.0.1' });
    const waiting = second.listening().catch((error: unknown) => error);

    const message = `Cannot serve metrics at 127.0.0.1:${port}: listen EADDRINUSE`;
    await expect(second.run({ signal: new AbortController().signal })).rejects.toThrow(message);
    expect(String(await waiting)).toContain(message);
  });

  test('whose port is in use ends a manager before anything is asked of the API server', async () => {
    await using running = await start();
    let requests = 0;
    const asked = createServer((_, response) => {
      requests += 1;
      response.end();
    });
    asked.listen(0, '127.0.0.1');
    await once(asked, 'listening');
    // A server that listens on a port has an address.
    const { port } = asked.address() as AddressInfo;
    const kubeConfig = { server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
    const manager = new Manager({ kubeConfig, logger: quietLogger });
    manager.informerFor(configMaps);
    const { registry } = new KubeloopMetrics();
    const taken = Number(new URL(running.url).port);
    manager.add(new MetricsServer({ registry, port: taken, host: '127.0.0.1' }));

    await expect(manager.run({ signal: new AbortController().signal })).rejects.toThrow(
      'listen EADDRINUSE',
    );

    expect(requests).toBe(0);
    asked.close();
    await once(asked, 'close');
  });

  test('whose signal has aborted before ends at once', async () => {
    const { registry } = new KubeloopMetrics();
    const server = new MetricsServer({ registry, port: 0, host: '127.0.0.1' });

    await server.run({ signal: AbortSignal.abort() });

    expect(server.address).toBeUndefined();
  });

  test('runs once', async () => {
    await using running = await start();

    await expect(running.server.run({ signal: AbortSignal.abort() })).rejects.toThrow(
      'Cannot run the metrics server twice: make a new one',
    );
  });

  test('is waited for until the signal aborts', async () => {
    const { registry } = new KubeloopMetrics();
    const server = new MetricsServer({ registry, port: 0 });
    const stop = new AbortController();
    const waiting = server.listening({ signal: stop.signal });
    stop.abort(new Error('enough'));

    await expect(waiting).rejects.toThrow('enough');
  });

  test.each([
    [{ registry: {} }, 'Cannot serve metrics: registry must be a Registry of prom-client'],
    [
      { registry: { getMetricsAsArray: () => [] } },
      'Cannot serve metrics: registry must be a Registry of prom-client',
    ],
    [{ port: '80' }, 'Cannot serve metrics at a port of type string: give a number'],
    [{ port: -1 }, 'Cannot serve metrics at port -1: it must be from 0 to 65535'],
    [{ port: 1.5 }, 'Cannot serve metrics at port 1.5: it must be from 0 to 65535'],
    [{ host: 5 }, 'Cannot serve metrics at a host of type number: give text'],
    [{ onError: 5 }, 'Cannot use onError of type number: give a function'],
  ])('with %j is refused', (options, message) => {
    const { registry } = new KubeloopMetrics();
    // What a program without types might give.
    const given = { registry, ...options } as unknown as MetricsServerOptions;
    expect(() => new MetricsServer(given)).toThrow(message);
  });

  test.each([undefined, null, 8080, 'all'])('with %j as its options is refused', (options) => {
    // What a program without types might give.
    const given = options as unknown as MetricsServerOptions;

    expect(() => new MetricsServer(given)).toThrow(
      new TypeError('Cannot serve metrics without options: give at least the registry'),
    );
  });

  test.each([undefined, null, {}, { signal: 'stop' }])('does not run with %j', async (options) => {
    const { registry } = new KubeloopMetrics();
    const server = new MetricsServer({ registry, port: 0 });
    // What a program without types might give.
    const given = options as unknown as { signal: AbortSignal };

    await expect(server.run(given)).rejects.toThrow(
      new TypeError('Cannot run the metrics server: it needs an AbortSignal as signal'),
    );
  });

  test('is not waited for with a signal that is none', async () => {
    const { registry } = new KubeloopMetrics();
    const server = new MetricsServer({ registry, port: 0 });
    // What a program without types might give.
    const given = { signal: 'stop' } as unknown as { signal: AbortSignal };

    await expect(server.listening(given)).rejects.toThrow(
      new TypeError('Cannot wait for the metrics server: it needs an AbortSignal as signal'),
    );
  });
});
