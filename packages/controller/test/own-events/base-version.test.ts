import { describe, expect, test } from 'vitest';
import { baseVersionOf } from '../../src/own-events/base-version.ts';

describe('the version that a write insists on', () => {
  test('is that in the metadata of an object or a patch', () => {
    expect(baseVersionOf({ metadata: { name: 'a', resourceVersion: '7' } })).toBe('7');
  });

  test('is that which a JSON patch tests', () => {
    const test = { op: 'test', path: '/metadata/resourceVersion', value: '7' };

    expect(baseVersionOf([{ op: 'remove', path: '/data' }, test])).toBe('7');
  });

  test.each([
    ['a patch without it', { data: {} }],
    ['an empty one', { metadata: { resourceVersion: '' } }],
    ['one that is no text', { metadata: { resourceVersion: 7 } }],
    ['a JSON patch that sets it', [{ op: 'add', path: '/metadata/resourceVersion', value: '7' }]],
    ['a JSON patch of nonsense', [null, 'test']],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'metadata'],
  ])('is unknown of %s', (_, body) => {
    expect(baseVersionOf(body)).toBeUndefined();
  });
});
