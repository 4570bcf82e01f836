import { afterAll, describe, expect, test } from 'vitest';

import { versionOf } from '../answer.ts';
import { failure } from '../manifests.ts';
import type { ApiTarget } from '../target.ts';
import { until } from '../until.ts';
import { shortly } from '../watch-stream.ts';
import {
  definitionsPath,
  deleteSharedDefinition,
  newGroup,
  Widgets,
  widgetsDefinition,
} from './widgets.ts';
import { customResourceRefusalsContract } from './custom-resource-refusals.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function definitionContract(target: () => ApiTarget): void {
  test('a definition has its list kind, strategy and stored versions at once, and no condition', async () => {
    const group = newGroup();

    const { code, object } = await target().post(definitionsPath, widgetsDefinition(group));

    await target().delete(`${definitionsPath}/widgets.${group}`);
    expect(code).toBe(201);
    expect(object).toMatchObject({
      metadata: { generation: 1 },
      spec: { names: { listKind: 'WidgetList' }, conversion: { strategy: 'None' } },
      status: { conditions: null, storedVersions: ['v1'] },
    });
  });

  test('its names are accepted and it is established', async () => {
    await using widgets = await Widgets.create(target());

    const { status } = (await target().get(widgets.definition)).object;

    // The status of a definition has conditions.
    const conditions = status?.['conditions'] as readonly Condition[];
    expect(conditions.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
    expect(status).toMatchObject({
      acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
    });
  });

  test('the group and its resources are discovered', async () => {
    await using widgets = await Widgets.create(target());

    const group = await until('the group is discovered', async () => {
      const answer = await target().get(`/apis/${widgets.group}`);
      return answer.code === 200 ? answer.body : undefined;
    });
    const { body } = await target().get(`/apis/${widgets.group}/v1`);

    expect(group).toMatchObject({
      kind: 'APIGroup',
      name: widgets.group,
      versions: [{ version: 'v1' }, { version: 'v1beta1' }],
      preferredVersion: { version: 'v1' },
    });
    expect(body).toHaveProperty(
      'resources',
      expect.arrayContaining([
        expect.objectContaining({ name: 'widgets', namespaced: true, kind: 'Widget' }),
        expect.objectContaining({ name: 'widgets/status', kind: 'Widget' }),
        expect.objectContaining({ name: 'widgets/scale', group: 'autoscaling', kind: 'Scale' }),
      ]),
    );
  });

  test('its name is the plural and the group', async () => {
    const group = newGroup();
    const sent = { ...widgetsDefinition(group), metadata: { name: `wrong.${group}` } };

    const { code, body } = await target().post(definitionsPath, sent);

    const message = `Invalid value: "wrong.${group}": must be spec.names.plural+"."+spec.group`;
    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        message: `CustomResourceDefinition.apiextensions.k8s.io "wrong.${group}" is invalid: metadata.name: ${message}`,
        details: {
          name: `wrong.${group}`,
          group: 'apiextensions.k8s.io',
          kind: 'CustomResourceDefinition',
          causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }],
        },
      }),
    );
  });

  test('its scope cannot be changed', async () => {
    await using widgets = await Widgets.define(target());

    const patch = { spec: { scope: 'Cluster' } };
    const { code, body } = await target().patch(widgets.definition, 'merge', patch);

    expect(code).toBe(422);
    expect(body).toMatchObject({
      details: { causes: [{ message: expect.any(String), field: 'spec.scope' }] },
    });
  });

  test('its deletion deletes the objects, which a watch sees, and then the path is unknown', async () => {
    await using widgets = await Widgets.define(target());
    const { object } = await target().post(widgets.path, widgets.widget('a', { size: 1 }));
    await using watch = await target().watch(
      `${widgets.path}?watch=true&resourceVersion=${versionOf(object)}`,
    );

    const { code, object: definition } = await target().delete(widgets.definition);

    expect(code).toBe(200);
    expect(definition.metadata).toMatchObject({
      deletionTimestamp: expect.stringMatching(/Z$/),
      finalizers: ['customresourcecleanup.apiextensions.k8s.io'],
    });
    expect((await watch.take(1)).map(shortly)).toEqual(['DELETED a']);
    await until('the definition is gone', async () => {
      const answer = await target().get(widgets.definition);
      return answer.code === 404 ? answer : undefined;
    });
    const path = await until('the path is unknown', async () => {
      const answer = await target().get(widgets.path);
      return answer.code === 404 ? answer : undefined;
    });
    expect(path.text).toBe('404 page not found\n');
  });
}

function objectsContract(target: () => ApiTarget): void {
  test('defaults are filled in, unknown fields and the status are dropped', async () => {
    await using widgets = await Widgets.create(target());

    const sent = widgets.widget('a', { size: 3, nested: {}, unknown: 1, extra: { any: 'thing' } });
    const { code, object } = await target().post(widgets.path, {
      ...sent,
      status: { phase: 'Done' },
    });

    expect(code).toBe(201);
    expect(object.spec).toEqual({
      size: 3,
      color: 'red',
      nested: { on: true },
      extra: { any: 'thing' },
    });
    expect(object).not.toHaveProperty('status');
    expect(object.metadata.generation).toBe(1);
  });

  test('items of a list have kind and apiVersion', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));

    const { list } = await target().get(widgets.path);

    const apiVersion = `${widgets.group}/v1`;
    expect(list).toMatchObject({
      kind: 'WidgetList',
      apiVersion,
      items: [{ kind: 'Widget', apiVersion }],
    });
  });

  test('another version shows the same object under its own apiVersion', async () => {
    await using widgets = await Widgets.create(target());
    const { object } = await target().post(widgets.path, widgets.widget('a', { size: 1 }));

    const other = await target().get(`${widgets.path.replace('/v1/', '/v1beta1/')}/a`);

    expect(other.object).toMatchObject({
      apiVersion: `${widgets.group}/v1beta1`,
      metadata: { uid: object.metadata.uid },
      spec: { size: 1, color: 'red' },
    });
  });

  test('any change outside metadata and status raises the generation', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));
    const path = `${widgets.path}/a`;

    const label = await target().patch(path, 'merge', { metadata: { labels: { x: '1' } } });
    const status = await target().patch(path, 'merge', { status: { phase: 'Done' } });
    const spec = await target().patch(path, 'merge', { spec: { size: 2 } });

    const generations = [label, status, spec].map(({ object }) => object.metadata.generation);
    expect(generations).toEqual([1, 1, 2]);
  });

  test('the status is written by its own path, which leaves spec and metadata', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));

    const { code, object } = await target().patch(`${widgets.path}/a/status`, 'merge', {
      metadata: { labels: { x: '1' }, annotations: { x: '1' }, finalizers: ['example.com/a'] },
      spec: { size: 9 },
      status: { phase: 'Done', unknown: 1 },
    });

    expect(code).toBe(200);
    expect(object.spec).toEqual({ size: 1, color: 'red' });
    expect(object.status).toEqual({ phase: 'Done' });
    expect(object.metadata.generation).toBe(1);
    expect(object.metadata.labels).toBeUndefined();
    expect(object.metadata.annotations).toBeUndefined();
    expect(object.metadata.finalizers).toBeUndefined();
  });

  test('an update leaves the status', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));
    const path = `${widgets.path}/a`;
    const { object } = await target().patch(`${path}/status`, 'merge', {
      status: { phase: 'Done' },
    });

    const updated = await target().put(path, { ...object, status: { phase: 'Other' } });

    expect(updated.code).toBe(200);
    expect(updated.object.status).toEqual({ phase: 'Done' });
  });

  test('the scale is read from and written to the paths of the definition', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1, replicas: 2 }));
    const path = `${widgets.path}/a`;
    await target().patch(`${path}/status`, 'merge', { status: { replicas: 1, selector: 'a=b' } });

    const before = await target().get(`${path}/scale`);
    await target().patch(`${path}/scale`, 'merge', { spec: { replicas: 5 } });

    expect(before.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'a=b' },
    });
    const { object } = await target().get(path);
    expect(object).toMatchObject({ metadata: { generation: 2 }, spec: { size: 1, replicas: 5 } });
  });

  test('a field that the definition offers can be selected by', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));
    await target().post(widgets.path, widgets.widget('b', { size: 1, color: 'blue' }));

    const { list } = await target().get(`${widgets.path}?fieldSelector=spec.color%3Dblue`);
    const other = await target().get(`${widgets.path}?fieldSelector=spec.size%3D1`);

    expect(list.items).toMatchObject([{ metadata: { name: 'b' } }]);
    expect(other.code).toBe(400);
    expect(other.body).toMatchObject({ message: 'field label not supported: spec.size' });
  });

  test('an apply merges a list by the keys of the schema', async () => {
    await using widgets = await Widgets.create(target());
    const path = `${widgets.path}/a`;
    const parts = (name: string): unknown =>
      widgets.widget('a', { size: 1, parts: [{ name, value: '1' }] });
    await target().patch(`${path}?fieldManager=one`, 'apply', parts('x'));

    const { code, object } = await target().patch(`${path}?fieldManager=two`, 'apply', parts('y'));

    expect(code).toBe(200);
    expect(object.spec).toMatchObject({ parts: [{ name: 'x' }, { name: 'y' }] });
    const entry = object.metadata.managedFields?.find(({ manager }) => manager === 'two');
    expect(entry?.fieldsV1).toMatchObject({
      'f:spec': { 'f:parts': { 'k:{"name":"y"}': { '.': {}, 'f:name': {}, 'f:value': {} } } },
    });
  });
}

export function customResourcesContract(target: () => ApiTarget): void {
  describe('custom resources', () => {
    afterAll(async () => {
      await deleteSharedDefinition(target());
    });

    describe('their definitions', () => {
      definitionContract(target);
    });
    describe('their objects', () => {
      objectsContract(target);
    });
    describe('what is refused', () => {
      customResourceRefusalsContract(target);
    });
  });
}
