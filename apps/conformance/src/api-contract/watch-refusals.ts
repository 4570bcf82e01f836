import { expect, test } from 'vitest';

import { failure } from '../manifests.ts';
import { Space } from '../space.ts';
import type { ApiTarget } from '../target.ts';

/** Watches that the server refuses, in its words. */
export function watchRefusalsContract(target: () => ApiTarget): void {
  const required =
    'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
  const forbidden =
    'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';

  test.each([
    ['sendInitialEvents=true', [required]],
    ['sendInitialEvents=false&allowWatchBookmarks=true', [required]],
    ['resourceVersionMatch=NotOlderThan', [forbidden]],
    ['resourceVersionMatch=NotOlderThan&resourceVersion=0', [forbidden]],
    [
      'sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1',
      [required, 'Unsupported value: "Exact": supported values: "NotOlderThan"'],
    ],
  ])('a watch with %s is invalid', async (query, messages) => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?watch=true&${query}`);

    const reason = (message: string): string =>
      message.startsWith('Forbidden') ? 'FieldValueForbidden' : 'FieldValueNotSupported';
    const field = 'resourceVersionMatch';
    expect(code).toBe(422);
    expect(body).toMatchObject(
      failure(422, 'Invalid', {
        message: expect.stringMatching(/^ListOptions\.meta\.k8s\.io "" is invalid: /),
        details: {
          group: 'meta.k8s.io',
          kind: 'ListOptions',
          causes: messages.map((message) => ({ reason: reason(message), message, field })),
        },
      }),
    );
  });

  test('a version that is no number is an error of the server', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.configMaps}?watch=true&resourceVersion=abc`);

    expect(code).toBe(500);
    expect(body).toEqual(
      failure(500, undefined, {
        message:
          'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
      }),
    );
  });

  test('a selector by an unknown field is malformed', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(
      `${space.configMaps}?watch=true&fieldSelector=data.x%3D1`,
    );

    expect(code).toBe(400);
    expect(body).toMatchObject(failure(400, 'BadRequest'));
  });

  test('a watch of an unknown resource is not found', async () => {
    await using space = await Space.create(target());

    const { code, body } = await target().get(`${space.path}/unknowns?watch=true`);

    expect(code).toBe(404);
    expect(body).toMatchObject(failure(404, 'NotFound', { details: {} }));
  });
}

/** What a watch sends, in which order, and which ones are refused. */
