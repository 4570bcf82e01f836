import { describe, expect, test } from 'vitest';
import { CONFIG_MAPS, configMap, pod, PODS, TestServer, type Json } from './harness.ts';

async function serverWithMaps(names: readonly string[], options = {}): Promise<TestServer> {
  const server = await TestServer.start(options);
  for (const name of names) await server.post(CONFIG_MAPS, configMap(name));
  return server;
}

const names = (answer: Json): string[] => answer.body.items.map((item: Json) => item.metadata.name);

describe('list', () => {
  test('items come sorted by name, without the kind that the list says', async () => {
    const server = await serverWithMaps(['b', 'a']);

    const answer = await server.get(CONFIG_MAPS);

    expect(answer.body.kind).toBe('ConfigMapList');
    expect(answer.body.metadata).toEqual({ resourceVersion: server.server.resourceVersion });
    expect(names(answer)).toEqual(['a', 'b']);
    expect(answer.body.items[0].kind).toBeUndefined();
  });

  test('pages show one moment, whatever is written in between', async () => {
    const server = await serverWithMaps(['a', 'b', 'c']);
    const first = await server.get(`${CONFIG_MAPS}?limit=2`);
    await server.post(CONFIG_MAPS, configMap('bb'));
    await server.delete(`${CONFIG_MAPS}/c`);

    const second = await server.get(
      `${CONFIG_MAPS}?limit=2&continue=${first.body.metadata.continue}`,
    );

    expect(names(first)).toEqual(['a', 'b']);
    expect(first.body.metadata.remainingItemCount).toBe(1);
    expect(names(second)).toEqual(['c']);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    expect(second.body.metadata.continue).toBeUndefined();
  });

  test('remainingItemCount is left out under a selector', async () => {
    const server = await serverWithMaps(['a', 'b']);

    const { body } = await server.get(`${CONFIG_MAPS}?limit=1&labelSelector=!nope`);

    expect(body.metadata.continue).toBeDefined();
    expect(body.metadata.remainingItemCount).toBeUndefined();
  });

  test('a continue token of forgotten history is Expired and brings one that goes on', async () => {
    const server = await serverWithMaps(['a', 'b', 'c']);
    const first = await server.get(`${CONFIG_MAPS}?limit=1`);
    await server.post(CONFIG_MAPS, configMap('d'));
    server.server.compact();

    const expired = await server.get(
      `${CONFIG_MAPS}?limit=1&continue=${first.body.metadata.continue}`,
    );
    const rest = await server.get(`${CONFIG_MAPS}?continue=${expired.body.metadata.continue}`);

    expect(expired.code).toBe(410);
    expect(expired.body.reason).toBe('Expired');
    expect(expired.body.message).toMatch(/^The provided continue parameter is too old/);
    expect(names(rest)).toEqual(['b', 'c', 'd']);
  });

  test('a list from resourceVersion 0 is not paged', async () => {
    const server = await serverWithMaps(['a', 'b']);

    const answer = await server.get(`${CONFIG_MAPS}?limit=1&resourceVersion=0`);

    expect(names(answer)).toEqual(['a', 'b']);
    expect(answer.body.metadata.continue).toBeUndefined();
  });

  test('an exact list shows the objects as they were then', async () => {
    const server = await serverWithMaps(['a', 'b']);
    const then = server.server.resourceVersion;
    await server.delete(`${CONFIG_MAPS}/a`);
    await server.patch(`${CONFIG_MAPS}/b`, { data: { a: '2' } });

    const answer = await server.get(
      `${CONFIG_MAPS}?resourceVersion=${then}&resourceVersionMatch=Exact`,
    );

    expect(names(answer)).toEqual(['a', 'b']);
    expect(answer.body.items[1].data).toEqual({ a: '1' });
    expect(answer.body.metadata.resourceVersion).toBe(then);
  });

  test('an exact list of forgotten history is Expired', async () => {
    const server = await serverWithMaps(['a']);
    const then = server.server.resourceVersion;
    await server.post(CONFIG_MAPS, configMap('b'));
    server.server.compact();

    const { code, body } = await server.get(
      `${CONFIG_MAPS}?resourceVersion=${then}&resourceVersionMatch=Exact`,
    );

    expect(code).toBe(410);
    expect(body.message).toBe('The resourceVersion for the provided list is too old.');
  });

  test('a resourceVersion of the future is answered with Timeout and Retry-After', async () => {
    const server = await TestServer.start({ futureVersionWaitMs: 0 });

    const { code, body, headers } = await server.get(`${CONFIG_MAPS}?resourceVersion=1000`);

    expect(code).toBe(504);
    expect(headers.get('retry-after')).toBe('1');
    expect(body.message).toMatch(/^Timeout: Too large resource version: 1000, current: \d+$/);
    expect(body.details).toEqual({
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  });

  test('a list waits for a resourceVersion that is about to be reached', async () => {
    const server = await TestServer.start();
    const next = Number(server.server.resourceVersion) + 1;

    const pending = server.get(`${CONFIG_MAPS}?resourceVersion=${next}`);
    await server.post(CONFIG_MAPS, configMap('a'));

    expect(names(await pending)).toEqual(['a']);
  });

  test('a match without a resourceVersion is invalid', async () => {
    const server = await TestServer.start();

    const { code, body } = await server.get(`${CONFIG_MAPS}?resourceVersionMatch=Exact`);

    expect(code).toBe(422);
    expect(body.message).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  });
});

describe('selectors', () => {
  test.each([
    ['app=a', ['one', 'two']],
    ['app!=a', ['three']],
    ['app in (a,b),tier', ['two']],
    ['tier notin (x)', ['one', 'three']],
    ['!app', ['three']],
    ['app==a,!tier', ['one']],
  ])('the label selector %s picks %j', async (selector, expected) => {
    const server = await TestServer.start();
    await server.post(CONFIG_MAPS, configMap('one', { metadata: { labels: { app: 'a' } } }));
    await server.post(
      CONFIG_MAPS,
      configMap('two', { metadata: { labels: { app: 'a', tier: 'x' } } }),
    );
    await server.post(CONFIG_MAPS, configMap('three'));

    const answer = await server.get(`${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`);

    expect(names(answer).sort()).toEqual([...expected].sort());
  });

  test.each(['a=b=c', ',,', 'a in b', 'a in (b', '-a=b', 'a=b c'])(
    'the label selector %s is refused',
    async (selector) => {
      const server = await TestServer.start();

      const { code, body } = await server.get(
        `${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`,
      );

      expect(code).toBe(400);
      expect(body.reason).toBe('BadRequest');
    },
  );

  test('pods are selected by their node', async () => {
    const server = await TestServer.start();
    await server.post(PODS, pod('a', { spec: { nodeName: 'n1' } }));
    await server.post(PODS, pod('b'));

    const bound = await server.get('/api/v1/pods?fieldSelector=spec.nodeName=n1');
    const free = await server.get(
      '/api/v1/pods?fieldSelector=spec.nodeName=,status.phase!=Running',
    );

    expect(names(bound)).toEqual(['a']);
    expect(names(free)).toEqual(['b']);
  });

  test('a field that cannot be selected is refused', async () => {
    const server = await TestServer.start();

    const pods = await server.get(`${PODS}?fieldSelector=spec.foo=a`);
    const maps = await server.get(`${CONFIG_MAPS}?fieldSelector=spec.foo=a`);

    expect([pods.code, maps.code]).toEqual([400, 400]);
    expect(pods.body.message).toBe('field label not supported: spec.foo');
    expect(maps.body.message).toBe(
      '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });
});
