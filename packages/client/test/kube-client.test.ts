import { describe, expect, test } from 'vitest';
import { isNotFound, isUnknownResource } from '../src/api-status-error.ts';
import { ConnectionError } from '../src/connection-error.ts';
import { defineResource } from '../src/resource.ts';
import { KubeClient } from '../src/kube-client.ts';
import { nodes, pods } from '../src/resources-core.ts';
import { deployments } from '../src/resources-workloads.ts';
import {
  answerJson,
  offersHttp2,
  answerStatus,
  beginWatch,
  startServer,
  type Script,
} from '../testing/scripted-server.ts';

const widgets = defineResource<object>({
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
});

const knowsNothing: Script = (_, response) => {
  response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
};

describe('connections', () => {
  test('two hundred requests in a row share one connection', async () => {
    await using server = await startServer((_, response) => answerJson(response, { metadata: {} }));
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    for (let i = 0; i < 200; i += 1) await client.resource(nodes).get(`n${i}`);

    expect(server.requests).toHaveLength(200);
    expect(server.accepted).toBe(1);
  });

  test('open watches do not hold up other requests, however many there are', async () => {
    await using server = await startServer(({ url }, response) => {
      if (!url.includes('watch=true')) answerJson(response, { metadata: { name: 'a' } });
      else {
        beginWatch(response);
        response.write('{"type":"ADDED","object":{}}\n');
      }
    });
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const watches = Array.from({ length: 150 }, () =>
      client.resource(pods).watch()[Symbol.asyncIterator](),
    );
    await Promise.all(watches.map((watch) => watch.next()));

    const node = await client.resource(nodes).get('a');

    expect(node).toEqual({ metadata: { name: 'a' } });
    expect(server.open).toBe(offersHttp2 ? 150 : 151);
  });

  test('closing ends open watches and leaves no connection', async () => {
    await using server = await startServer((_, response) => {
      beginWatch(response);
      response.write('{"type":"ADDED","object":{}}\n');
    });
    const client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const watch = client.resource(pods).watch()[Symbol.asyncIterator]();
    await watch.next();
    const next = watch.next();

    await client.close();

    expect(await next).toEqual({ done: true, value: undefined });
    await server.drained();
    expect(server.open).toBe(0);
  });

  test('a closed client refuses calls and names itself', async () => {
    const client = new KubeClient({ server: 'https://127.0.0.1:1' });
    await client.close();
    await client.close();

    await expect(client.resource(pods).list()).rejects.toThrow(
      'Cannot list pods: the client of server https://127.0.0.1:1 is closed',
    );
    await expect(client.resource(pods).watch()[Symbol.asyncIterator]().next()).rejects.toThrow(
      'is closed',
    );
  });

  test('closing rejects a call that waits for its answer', async () => {
    let arrived = (): void => {};
    const isThere = new Promise<void>((resolve) => (arrived = resolve));
    await using server = await startServer(() => arrived());
    const client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const call = client.resource(nodes).get('a');
    call.catch(() => {});
    await isThere;

    await client.close();

    await expect(call).rejects.toThrow('is closed');
  });

  test('a refused connection names the server and keeps code and cause', async () => {
    const server = await startServer(() => {});
    await server[Symbol.asyncDispose]();
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    const error: unknown = await client
      .resource(nodes)
      .get('a')
      .catch((thrown: unknown) => thrown);

    expect(ConnectionError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', server: server.url });
    expect((error as Error).message).toContain(`Cannot reach server ${server.url}: `);
    expect((error as Error).cause).toBeInstanceOf(Error);
  });
});

describe('request', () => {
  test('text is given as text and JSON is parsed', async () => {
    await using server = await startServer(({ url }, response) =>
      url === '/readyz?verbose=true'
        ? void response.end('ok')
        : answerJson(response, { minor: '36' }),
    );
    await using client = new KubeClient({ server: `${server.url}/`, skipTLSVerify: true });

    expect(await client.request('/readyz', { query: { verbose: true } })).toBe('ok');
    expect(await client.request('/version')).toEqual({ minor: '36' });
  });

  test('headers of the caller win over those of the client, in whichever case their names are', async () => {
    await using server = await startServer((_, response) => answerJson(response, {}));
    const token = 'own';
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true, token });
    const headers = { Authorization: 'Bearer given', 'Content-Type': 'text/plain', ACCEPT: 'a/b' };

    await client.request('/a', { method: 'POST', body: 'text', headers });

    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer given',
      'content-type': 'text/plain',
      accept: 'a/b',
    });
  });

  test('a path in the URL of the server is put before every path', async () => {
    await using server = await startServer((_, response) => answerJson(response, { metadata: {} }));
    await using client = new KubeClient({ server: `${server.url}/k8s/c-1/`, skipTLSVerify: true });

    await client.request('/version');
    await client.resource(deployments).namespace('a').get('b');

    expect(server.requests.map(({ url }) => url)).toEqual([
      '/k8s/c-1/version',
      '/k8s/c-1/apis/apps/v1/namespaces/a/deployments/b',
    ]);
  });
});

describe('failures', () => {
  test('an error names verb, resource, name, namespace and what the server said', async () => {
    await using server = await startServer((_, response) =>
      answerStatus(response, {
        code: 404,
        reason: 'NotFound',
        message: 'deployments.apps "b" not found',
        details: { name: 'b', kind: 'deployments' },
      }),
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    const error: unknown = await client
      .resource(deployments)
      .namespace('a')
      .get('b')
      .catch((thrown: unknown) => thrown);

    expect(isNotFound(error)).toBe(true);
    expect(isUnknownResource(error)).toBe(false);
    expect((error as Error).message).toBe(
      'Cannot get deployments.apps "b" in namespace "a": deployments.apps "b" not found (404 NotFound)',
    );
  });

  test('a resource that the server does not serve is named, with the question whether its CRD is installed', async () => {
    await using server = await startServer(knowsNothing);
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    const error: unknown = await client
      .resource(widgets)
      .list()
      .catch((thrown: unknown) => thrown);

    expect(isUnknownResource(error)).toBe(true);
    expect((error as Error).message).toContain(
      `the server ${server.url} does not know widgets.example.com/v1: is the CRD installed?`,
    );
  });

  test('a subresource that the server does not serve is named', async () => {
    await using server = await startServer(knowsNothing);
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const widget = { metadata: { name: 'a', namespace: 'b', resourceVersion: '1' } };

    await expect(client.resource(widgets).updateStatus(widget)).rejects.toThrow(
      'does not know the status of widgets.example.com/v1: is the CRD installed, with the subresource "status"?',
    );
  });

  test('the failure to create an object names the object', async () => {
    await using server = await startServer((_, response) =>
      answerStatus(response, { code: 409, reason: 'AlreadyExists', message: 'it exists' }),
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const pod = { metadata: { name: 'a', namespace: 'b' } };

    await expect(client.resource(pods).create(pod)).rejects.toThrow(
      'Cannot create pods "a" in namespace "b": it exists (409 AlreadyExists)',
    );
    expect(server.requests[0]?.url).toBe('/api/v1/namespaces/b/pods');
  });

  test('refused credentials name the server', async () => {
    await using server = await startServer((_, response) =>
      answerStatus(response, { code: 401, reason: 'Unauthorized', message: 'Unauthorized' }),
    );
    await using client = new KubeClient({ server: server.url, token: 'x', skipTLSVerify: true });

    await expect(client.resource(nodes).get('a')).rejects.toThrow(
      `server ${server.url} refused the credentials: Unauthorized (401 Unauthorized)`,
    );
    expect(server.requests).toHaveLength(1);
  });

  test('an answer that is a web page is refused with its beginning', async () => {
    await using server = await startServer(
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<html>Sign\n in</html>') as never,
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });
    const message =
      'it is text/html instead of JSON, so this may be no API server: "<html>Sign in</html>"';

    await expect(client.resource(nodes).get('a')).rejects.toThrow(message);
    await expect(client.resource(nodes).list()).rejects.toThrow(message);
    await expect(client.resource(nodes).watch()[Symbol.asyncIterator]().next()).rejects.toThrow(
      message,
    );
  });

  test('an answer that is cut off, or is not the JSON that it claims to be, is refused', async () => {
    await using server = await startServer(
      (_, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":'),
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    await expect(client.resource(nodes).get('a')).rejects.toThrow(
      `Cannot use the answer of server ${server.url}: it is not the JSON that it says it is: "{\\"kind\\":"`,
    );
  });

  test('an answer longer than the limit is refused and its connection closed', async () => {
    await using server = await startServer((_, response) =>
      answerJson(response, { x: 'y'.repeat(500) }),
    );
    await using client = new KubeClient({
      server: server.url,
      skipTLSVerify: true,
      maxObjectBytes: 100,
    });

    await expect(client.resource(nodes).get('a')).rejects.toThrow(
      `The answer of server ${server.url} is longer than 100 bytes (option "maxObjectBytes")`,
    );
  });

  test('a redirection says where to, since the URL of the server may be wrong', async () => {
    await using server = await startServer(
      (_, response) => void response.writeHead(302, { location: 'https://login' }).end(),
    );
    await using client = new KubeClient({ server: server.url, skipTLSVerify: true });

    await expect(client.resource(nodes).get('a')).rejects.toThrow(
      `server ${server.url} redirects to https://login, so its URL may be wrong (302 Unknown)`,
    );
  });
});
