import { describe, expect, test } from 'vitest';
import { defineResource } from '../src/resource.ts';

const widget = {
  group: 'example.com',
  version: 'v1beta1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

describe('defineResource', () => {
  test('a resource of a group is named after plural and group', () => {
    expect(defineResource(widget)).toMatchObject({
      apiVersion: 'example.com/v1beta1',
      name: 'widgets.example.com',
    });
  });

  test('a resource of the core group is named after its plural and has a bare apiVersion', () => {
    const resource = defineResource({ ...widget, group: '', version: 'v1' });

    expect(resource).toMatchObject({ apiVersion: 'v1', name: 'widgets' });
  });

  test('a resource cannot be changed', () => {
    expect(Object.isFrozen(defineResource(widget))).toBe(true);
  });

  test.each([
    ['group', 'Example.com'],
    ['group', 'a..b'],
    ['group', 'a/b'],
    ['version', ''],
    ['version', 'V1'],
    ['version', 'v1/x'],
    ['plural', 'Widgets'],
    ['plural', 'wid.gets'],
    ['plural', 'a'.repeat(64)],
    ['kind', ''],
    ['kind', 'Wid get'],
    ['kind', undefined],
    ['namespaced', 'yes'],
  ])('the member %s refuses %j by name', (member, value) => {
    const definition = { ...widget, [member]: value };

    expect(() => defineResource(definition)).toThrow(
      new RegExp(`^Cannot define resource: ${member} is `),
    );
  });
});
