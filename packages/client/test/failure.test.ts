import { describe, expect, test } from 'vitest';
import { describeAction } from '../src/failure.ts';
import { pods } from '../src/resources-core.ts';

describe('describeAction', () => {
  test.each([
    [{ verb: 'GET /version' }, 'GET /version'],
    [{ verb: 'list', resource: pods }, 'list pods'],
    [{ verb: 'get', resource: pods, name: 'a', namespace: 'b' }, 'get pods "a" in namespace "b"'],
    [{ verb: 'list', resource: pods, labelSelector: '' }, 'list pods'],
    [{ verb: 'list', resource: pods, labelSelector: 'a=b' }, 'list pods with labels "a=b"'],
    [{ verb: 'watch', resource: pods, fieldSelector: 'c=d' }, 'watch pods with fields "c=d"'],
    [
      { verb: 'list', resource: pods, labelSelector: 'a=b', fieldSelector: 'c=d' },
      'list pods with labels "a=b" and fields "c=d"',
    ],
  ])('%j is said in words', (action, words) => {
    expect(describeAction(action)).toBe(words);
  });
});
