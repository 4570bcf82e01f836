import { describe, expect, test } from 'vitest';

import { namesOf, versionOf } from '../answer.ts';
import { configMap, failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

/** Creates `a` to `e`, the first three red and the others blue. */
async function fill(api: ApiTarget, space: Space): Promise<void> {
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    const labels = { color: index < 3 ? 'red' : 'blue', index: String(index) };
    await api.post(space.configMaps, configMap(name, { i: String(index) }, { labels }));
  }
}

/** Ours alone: a controller may put its own config map into every namespace. */
const ours = 'labelSelector=index';

function shapeContract(target: () => ApiTarget): void {
  test('a list has a version, and items in the order of their names, without kind', async () => {
    await using space = await Space.create(target());
    await target().post(space.configMaps, configMap('b'));
    await target().post(space.configMaps, configMap('a'));

    const { code, list } = await target().get(space.configMaps);

    expect(code).toBe(200);
    expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(list.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
    expect(list.metadata.continue).toBeUndefined();
    expect(namesOf(list).filter((name) => name.length === 1)).toEqual(['a', 'b']);
    expect(list.items[0]).not.toHaveProperty('kind');
    expect(list.items[0]).not.toHaveProperty('apiVersion');
  });

  test('a list of nothing has no items', async () => {
    await using space = await Space.create(target());

    const { list } = await target().get(`${space.configMaps}?${ours}`);

    expect(list.items).toEqual([]);
  });

  test('a list of a namespace that does not exist is empty', async () => {
    const { code, list } = await target().get('/api/v1/namespaces/contract-missing/configmaps');

    expect(code).toBe(200);
    expect(list.items).toEqual([]);
  });

  test('a list of all namespaces is ordered by namespace and name', async () => {
    await using one = await Space.create(target());
    await using two = await Space.create(target());
    const labels = { across: one.name };
    for (const space of [two, one])
      for (const name of ['b', 'a'])
        await target().post(space.configMaps, configMap(name, {}, { labels }));

    const { list } = await target().get(`/api/v1/configmaps?labelSelector=across%3D${one.name}`);

    const places = list.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(places).toEqual([one, two].flatMap(({ name }) => [`${name}/a`, `${name}/b`]).sort());
  });

  test('the version of a list is not older than its items', async () => {
    await using space = await Space.create(target());
    const { object } = await target().post(space.configMaps, configMap('a'));

    const { list } = await target().get(space.configMaps);

    expect(BigInt(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(BigInt(versionOf(object)));
  });
}

function pagesContract(target: () => ApiTarget): void {
  test('pages come one by one, count what remains, and show one version', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);
    const all = (await target().get(space.configMaps)).list.items.length;

    const first = (await target().get(`${space.configMaps}?limit=2`)).list;
    const token = encodeURIComponent(first.metadata.continue ?? '');
    const rest = (await target().get(`${space.configMaps}?limit=50&continue=${token}`)).list;

    expect(namesOf(first)).toEqual(['a', 'b']);
    expect(first.metadata.remainingItemCount).toBe(all - 2);
    expect(namesOf(rest).slice(0, 3)).toEqual(['c', 'd', 'e']);
    expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(rest.metadata.continue).toBeUndefined();
    expect(rest.metadata.remainingItemCount).toBeUndefined();
  });

  test('later pages do not show what was written meanwhile', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);
    const first = (await target().get(`${space.configMaps}?limit=2&${ours}`)).list;
    const labels = { index: 'new' };
    await target().post(space.configMaps, configMap('cc', {}, { labels }));
    await target().delete(`${space.configMaps}/d`);

    const token = encodeURIComponent(first.metadata.continue ?? '');
    const rest = (await target().get(`${space.configMaps}?limit=9&${ours}&continue=${token}`)).list;

    expect(namesOf(rest)).toEqual(['c', 'd', 'e']);
  });

  test('with a selector the remaining items are not counted', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);

    const { metadata } = (await target().get(`${space.configMaps}?limit=2&${ours}`)).list;

    expect(metadata.continue).toBeTruthy();
    expect(metadata.remainingItemCount).toBeUndefined();
  });

  test('a limit is ignored at version 0', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);

    const path = `${space.configMaps}?limit=2&resourceVersion=0&${ours}`;
    const { list } = await target().get(path);

    // The cache behind version 0 may not have seen the last writes yet.
    expect(list.metadata.continue).toBeUndefined();
  });

  test('a limit that is no number is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?limit=some`);

    expect(code).toBe(400);
    expect(body).toMatchObject(failure(400, 'BadRequest'));
  });

  test('a continue token that makes no sense is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?continue=abc`);

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringMatching(/^invalid continue token: continue key is not valid/),
      }),
    );
  });

  test('a continue token and a version exclude each other', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);
    const { metadata } = (await target().get(`${space.configMaps}?limit=2`)).list;

    const token = encodeURIComponent(metadata.continue ?? '');
    const version = metadata.resourceVersion;
    const path = `${space.configMaps}?continue=${token}&resourceVersion=${version}`;
    const { code, body } = await target().get(path);

    expect(code).toBe(400);
    expect(body).toEqual(
      failure(400, 'BadRequest', {
        message: 'specifying resource version is not allowed when using continue',
      }),
    );
  });
}

function selectorsContract(target: () => ApiTarget): void {
  test.each([
    ['color=red', ['a', 'b', 'c']],
    ['color==blue', ['d', 'e']],
    ['color!=red,index', ['d', 'e']],
    ['index in (0,4)', ['a', 'e']],
    ['color,index notin (0,1,2)', ['d', 'e']],
    ['color=red,index!=1', ['a', 'c']],
    ['color,!index', []],
    ['index>2', ['d', 'e']],
    ['index<1', ['a']],
  ])('the label selector %s selects %j', async (selector, names) => {
    await using space = await Space.create(target());
    await fill(target(), space);

    const path = `${space.configMaps}?labelSelector=${encodeURIComponent(selector)}`;
    const { list } = await target().get(path);

    expect(namesOf(list)).toEqual(names);
  });

  test.each([
    ['metadata.name=b', ['b']],
    ['metadata.name!=b', ['a', 'c', 'd', 'e']],
  ])('the field selector %s selects %j', async (selector, names) => {
    await using space = await Space.create(target());
    await fill(target(), space);

    const path = `${space.configMaps}?${ours}&fieldSelector=${encodeURIComponent(selector)}`;
    const { list } = await target().get(path);

    expect(namesOf(list)).toEqual(names);
  });

  test('pods can be selected by the node they are on', async () => {
    await using space = await Space.create(target());
    const pod = (name: string, nodeName: string): unknown => ({
      metadata: { name },
      spec: { nodeName, containers: [{ name: 'main', image: 'example.com/main' }] },
    });
    await target().post(`${space.path}/pods`, pod('a', 'one'));
    await target().post(`${space.path}/pods`, pod('b', 'two'));

    const { list } = await target().get(`${space.path}/pods?fieldSelector=spec.nodeName%3Dtwo`);

    expect(namesOf(list)).toEqual(['b']);
    for (const name of ['a', 'b'])
      await target().delete(`${space.path}/pods/${name}?gracePeriodSeconds=0`);
  });

  test('a label selector that cannot be read is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?labelSelector=a%20in`);

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringContaining('unable to parse requirement'),
      }),
    );
  });

  test('a field that cannot be selected by is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?fieldSelector=data.i%3D1`);

    expect(code).toBe(400);
    expect(body).toEqual(
      failure(400, 'BadRequest', {
        message:
          '"data.i" is not a known field selector: only "metadata.name", "metadata.namespace"',
      }),
    );
  });
}

function versionsContract(target: () => ApiTarget): void {
  test('an exact version shows the past', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);
    const { metadata } = (await target().get(space.configMaps)).list;
    await target().delete(`${space.configMaps}/a`);

    const version = metadata.resourceVersion;
    const query = `resourceVersion=${version}&resourceVersionMatch=Exact&${ours}`;
    const { list } = await target().get(`${space.configMaps}?${query}`);

    expect(namesOf(list)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(list.metadata.resourceVersion).toBe(version);
  });

  test('not older than a version shows the present', async () => {
    await using space = await Space.create(target());
    await fill(target(), space);
    const { object } = await target().post(space.configMaps, configMap('f'));

    const query = `resourceVersion=${versionOf(object)}&resourceVersionMatch=NotOlderThan`;
    const { list } = await target().get(`${space.configMaps}?${query}`);

    expect(namesOf(list)).toContain('f');
    expect(BigInt(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(BigInt(versionOf(object)));
  });

  test('version 0 is answered from what the server has at hand', async () => {
    await using space = await Space.create(target());

    const { code, list } = await target().get(`${space.configMaps}?resourceVersion=0`);

    expect(code).toBe(200);
    expect(list.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
  });

  test('a version that is no number is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?resourceVersion=abc`);

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringMatching(/^invalid resource version: resourceVersion: Invalid value/),
      }),
    );
  });

  test.each([
    [
      'resourceVersionMatch=Exact',
      'FieldValueForbidden',
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      'FieldValueForbidden',
      'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersionMatch=Some&resourceVersion=1',
      'FieldValueNotSupported',
      'Unsupported value: "Some": supported values: "Exact", "NotOlderThan", ""',
    ],
  ])('%s is invalid', async (query, reason, message) => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?${query}`);

    expect(code).toBe(422);
    expect(body).toEqual(
      failure(422, 'Invalid', {
        message: `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${message}`,
        details: {
          group: 'meta.k8s.io',
          kind: 'ListOptions',
          causes: [{ reason, message, field: 'resourceVersionMatch' }],
        },
      }),
    );
  });

  test('initial events are not for lists', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?sendInitialEvents=true`);

    expect(code).toBe(422);
    expect(body).toMatchObject({
      details: {
        causes: [{ reason: 'FieldValueForbidden', field: 'sendInitialEvents' }],
      },
    });
  });

  test('a version of the future times out with a time to wait', async () => {
    await using space = await Space.create(target());

    const query = 'resourceVersion=999999999&resourceVersionMatch=NotOlderThan';
    const { code, headers, body } = await target().get(`${space.configMaps}?${query}`);

    expect(code).toBe(504);
    expect(headers['retry-after']).toBe('1');
    expect(body).toMatchObject(
      failure(504, 'Timeout', {
        message: expect.stringMatching(
          /^Timeout: Too large resource version: 999999999, current: \d+$/,
        ),
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      }),
    );
  });

  test('an object is read from what the server has at hand at version 0', async () => {
    const { code, object } = await target().get('/api/v1/namespaces/default?resourceVersion=0');

    expect(code).toBe(200);
    expect(object.metadata.name).toBe('default');
  });
}

/** What lists show, page by page, by selectors and at versions. */
export function listsContract(target: () => ApiTarget): void {
  describe('lists', () => {
    shapeContract(target);
  });
  describe('pages', () => {
    pagesContract(target);
  });
  describe('selectors', () => {
    selectorsContract(target);
  });
  describe('versions of lists', () => {
    versionsContract(target);
  });
}
