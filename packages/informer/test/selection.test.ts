import { describe, expect, test } from 'vitest';
import type { ListerWatcher } from '@kubeloop/reflector';
import { select } from '../src/selection.ts';
import type { Thing } from './support/scripted.ts';

const source = (supportsWatchList?: boolean): ListerWatcher<Thing> => ({
  ...(supportsWatchList !== undefined && { supportsWatchList }),
  list: () => Promise.reject(new Error('nothing is listed here')),
  watch: () => {
    throw new Error('nothing is watched here');
  },
});

describe('a selection', () => {
  test.each([true, false, undefined])(
    'says about streaming lists what its source says: %s',
    (supportsWatchList) => {
      const selected = select(source(supportsWatchList), { labelSelector: 'a=b' });

      expect(selected.supportsWatchList).toBe(supportsWatchList);
    },
  );

  test('of everything is the source itself', () => {
    const everything = source();

    expect(select(everything, { labelSelector: '', fieldSelector: undefined })).toBe(everything);
  });
});
