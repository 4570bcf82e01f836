import { expect, test } from 'vitest';

import { failure } from '../manifests.ts';
import type { ApiTarget } from '../target.ts';
import { Widgets } from './widgets.ts';

/** Custom resources that the server refuses, by their schema or otherwise. */
export function customResourceRefusalsContract(target: () => ApiTarget): void {
  test('each fault of the schema is a cause with its own reason and field', async () => {
    await using widgets = await Widgets.create(target());

    const spec = { size: 0, color: 'green', name: 'ABC', tags: ['a', 'b', 'c'] };
    const { code, body } = await target().post(widgets.path, widgets.widget('a', spec));

    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        message: expect.stringMatching(/^Widget\.\S+ "a" is invalid: \[/),
        details: { name: 'a', group: widgets.group, kind: 'Widget' },
      }),
    );
    expect(body).toHaveProperty(
      'details.causes',
      expect.arrayContaining([
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: "ABC": spec.name in body should match '^[a-z]+$'`,
          field: 'spec.name',
        },
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: 0: spec.size in body should be greater than or equal to 1',
          field: 'spec.size',
        },
        {
          reason: 'FieldValueTooMany',
          message: 'Too many: 3: must have at most 2 items',
          field: 'spec.tags',
        },
        {
          reason: 'FieldValueNotSupported',
          message: 'Unsupported value: "green": supported values: "red", "blue"',
          field: 'spec.color',
        },
      ]),
    );
  });

  test.each([
    [{}, 'FieldValueRequired', 'Required value', 'spec.size'],
    [
      { size: 11 },
      'FieldValueInvalid',
      'Invalid value: 11: spec.size in body should be less than or equal to 10',
      'spec.size',
    ],
    [
      { size: 'x' },
      'FieldValueTypeInvalid',
      'Invalid value: "string": spec.size in body must be of type integer: "string"',
      'spec.size',
    ],
    [
      { size: 1, name: 'abcdef' },
      'FieldValueTooLong',
      'Too long: may not be more than 5 bytes',
      'spec.name',
    ],
    [
      { size: 1, port: {} },
      'FieldValueTypeInvalid',
      'Invalid value: "object": spec.port in body must be of type integer,string: "object"',
      'spec.port',
    ],
    [
      { size: 1, parts: [{ name: 'x' }, { name: 'x' }] },
      'FieldValueDuplicate',
      'Duplicate value: {"name":"x"}',
      'spec.parts[1]',
    ],
  ])('the spec %j is invalid: %s', async (spec, reason, message, field) => {
    await using widgets = await Widgets.create(target());

    const { code, body } = await target().post(widgets.path, widgets.widget('a', spec));

    expect(code).toBe(422);
    expect(body).toHaveProperty(
      'details.causes',
      expect.arrayContaining([{ reason, message, field }]),
    );
  });

  test('an object needs kind and apiVersion', async () => {
    await using widgets = await Widgets.create(target());

    const { code, body } = await target().post(widgets.path, { metadata: { name: 'a' } });

    expect(code).toBe(400);
    expect(body).toMatchObject(
      failure(400, 'BadRequest', {
        message: expect.stringContaining("Object 'Kind' is missing in"),
      }),
    );
  });

  test('an update needs the resourceVersion', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));

    const { code, body } = await target().put(
      `${widgets.path}/a`,
      widgets.widget('a', { size: 2 }),
    );

    const message = 'Invalid value: 0: must be specified for an update';
    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        message: `widgets.${widgets.group} "a" is invalid: metadata.resourceVersion: ${message}`,
        details: {
          causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }],
        },
      }),
    );
  });

  test('a strategic merge patch is not understood', async () => {
    await using widgets = await Widgets.create(target());
    await target().post(widgets.path, widgets.widget('a', { size: 1 }));

    const patch = { spec: { size: 2 } };
    const { code, body } = await target().patch(`${widgets.path}/a`, 'strategic', patch);

    expect(code).toBe(415);
    expect(body).toMatchObject(
      failure(415, 'UnsupportedMediaType', {
        message: expect.stringMatching(
          /accepted media types include: application\/json-patch\+json/,
        ),
      }),
    );
  });

  test('an unknown field is refused when asked for', async () => {
    await using widgets = await Widgets.create(target());

    const { code, body } = await target().post(
      `${widgets.path}?fieldValidation=Strict`,
      widgets.widget('a', { size: 1, unknown: 1 }),
    );

    expect(code).toBe(400);
    expect(body).toMatchObject({
      message:
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.unknown"',
    });
  });

  test('an unknown version of a known group is an unknown path', async () => {
    await using widgets = await Widgets.create(target());

    const { code, text } = await target().get(widgets.path.replace('/v1/', '/v9/'));

    expect({ code, text }).toEqual({ code: 404, text: '404 page not found\n' });
  });
}

/** Custom resource definitions and the objects that they make possible. */
