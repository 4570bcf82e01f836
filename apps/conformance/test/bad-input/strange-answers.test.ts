import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configMaps, KubeClient } from '@kubeloop/client';
import { SharedInformerFactory } from '@kubeloop/informer';
import { describe, expect, test } from 'vitest';
import { errorOf, expectNoStrays, until } from './strays.ts';

expectNoStrays();

interface Answer {
  readonly code?: number;
  readonly type?: string;
  readonly text: string;
}

/** A server that answers everything the same, which is what proxies and portals do; `answer` can be changed. */
class Portal implements AsyncDisposable {
  answer: Answer;
  readonly client: KubeClient;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, answer: Answer) {
    this.#server = server;
    this.answer = answer;
    // It listens on TCP.
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    this.client = new KubeClient({ server: this.url, skipTLSVerify: true, maxRetries: 0 });
  }

  static async start(answer: Answer): Promise<Portal> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const portal = new Portal(server, answer);
    server.on('request', (_request, response) => {
      const { code = 200, type = 'application/json', text } = portal.answer;
      response.writeHead(code, { 'content-type': type, location: 'https://login.example.com/' });
      response.end(text);
    });
    return portal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const cases: readonly (readonly [string, Answer, string])[] = [
  ['a login page', { type: 'text/html', text: '<html>Log in</html>' }, '<html>Log in</html>'],
  ['a redirect', { code: 302, text: '' }, 'https://login.example.com/'],
  ['a failure without a Status', { code: 500, type: 'text/plain', text: 'boom' }, 'boom'],
  ['a failure without words', { code: 503, text: '' }, '503 ServiceUnavailable'],
  ['nothing', { text: '' }, ''],
  ['half an object', { text: '{"kind":"ConfigMapList","items":[{"metadata":{"na' }, ''],
  ['text that is no JSON', { text: 'it works!' }, ''],
  ['an array', { text: '[]' }, ''],
  ['null', { text: 'null' }, ''],
  ['an object that is none of Kubernetes', { text: '{"status":"ok"}' }, ''],
  ['another kind', { text: '{"kind":"Pong","apiVersion":"v1","metadata":{},"items":5}' }, ''],
  [
    'a Status that says failure',
    { text: '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","code":500}' },
    '',
  ],
];

describe.each(cases)('a server that answers with %s', (_title, answer, words) => {
  test('makes lists fail with an error that names the server or the kind', async () => {
    await using portal = await Portal.start(answer);

    const error = await errorOf(() => portal.client.resource(configMaps).list());

    expect(error.message).toMatch(/^Cannot /);
    expect(error.message).toMatch(/configmaps|http:\/\/127\.0\.0\.1/);
    expect(error.message).toContain(words);
  });

  test('makes reading one object fail with an error that names the server or the object', async () => {
    await using portal = await Portal.start(answer);

    const error = await errorOf(() =>
      portal.client.resource(configMaps).namespace('shop').get('one'),
    );

    expect(error.message).toMatch(/^Cannot /);
    expect(error.message).toMatch(/configmaps|http:\/\/127\.0\.0\.1/);
    expect(error.message).toContain(words);
  });

  test('never makes a cache look filled', async () => {
    await using portal = await Portal.start(answer);
    await using informers = new SharedInformerFactory(portal.client, { onError: () => {} });
    const informer = informers.informerFor(configMaps);
    informers.start();
    await until('it has failed', () => informer.lastFailure !== undefined || informer.hasSynced);

    expect(informer.hasSynced).toBe(false);
  });
});
