import { describe, expect, test } from 'vitest';
import { Store } from '../src/store.ts';

describe('Store', () => {
  test('an added object is found by its key', () => {
    const store = new Store();

    store.add({ metadata: { namespace: 'a', name: 'b', resourceVersion: '5' } });

    expect(store.getByKey('a/b')?.metadata?.resourceVersion).toBe('5');
  });
});
