import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { cacheDirectory } from '../src/cache-directory.ts';

test('KUBELOOP_CACHE_DIR wins over XDG_CACHE_HOME', () => {
  expect(cacheDirectory({ KUBELOOP_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
});

test('XDG_CACHE_HOME gets a folder of our own below it', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/b' })).toBe(join('/b', 'kubeloop'));
});

test('without variables, or with empty ones, the cache is in the home folder', () => {
  const expected = join(homedir(), '.cache', 'kubeloop');

  expect(cacheDirectory({})).toBe(expected);
  expect(cacheDirectory({ KUBELOOP_CACHE_DIR: '', XDG_CACHE_HOME: '' })).toBe(expected);
});
