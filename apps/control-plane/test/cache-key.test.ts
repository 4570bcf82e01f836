import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { cacheKey, cacheKeyMatches, readGoSources, sourceHash } from '../src/cache-key.ts';
import type { SourceFile } from '../src/cache-key.ts';

const source = (name: string, text: string): SourceFile => ({ name, content: Buffer.from(text) });
const linux = { os: 'linux', arch: 'amd64' };

test('the same sources and flags give the same hash', () => {
  const first = sourceHash([source('main.go', 'package main')], ['-trimpath']);
  const second = sourceHash([source('main.go', 'package main')], ['-trimpath']);

  expect(first).toBe(second);
  expect(first).toMatch(/^[\da-f]{16}$/u);
});

test('a changed byte, a changed file name and a changed flag each change the hash', () => {
  const hashes = new Set([
    sourceHash([source('main.go', 'package main')], ['-trimpath']),
    sourceHash([source('main.go', 'package Main')], ['-trimpath']),
    sourceHash([source('other.go', 'package main')], ['-trimpath']),
    sourceHash([source('main.go', 'package main')], ['-race']),
    sourceHash([source('main.go', 'package main')], []),
  ]);

  expect(hashes.size).toBe(5);
});

test('bytes moved from one file or flag to the next change the hash', () => {
  const hashes = new Set([
    sourceHash([source('a', 'xy'), source('b', 'z')], []),
    sourceHash([source('a', 'x'), source('b', 'yz')], []),
    sourceHash([source('a', 'xy'), source('bz', '')], []),
    sourceHash([source('a', 'xy')], ['b', 'z']),
    sourceHash([source('a', 'xy')], ['bz']),
  ]);

  expect(hashes.size).toBe(5);
});

test('only go.mod, go.sum and Go files that are no tests count as sources, in the order of their names', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'go-sources-'));
  try {
    const names = ['main.go', 'go.sum', 'README.md', 'main_test.go', 'go.mod', 'control-plane'];
    for (const name of names) await writeFile(join(directory, name), name);

    const sources = await readGoSources(directory);

    expect(sources.map(({ name }) => name)).toEqual(['go.mod', 'go.sum', 'main.go']);
    expect(sources.map(({ content }) => content.toString())).toEqual([
      'go.mod',
      'go.sum',
      'main.go',
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('the key names the Go version and the platform', () => {
  expect(cacheKey('0123', { version: 'go1.26.8', ...linux })).toBe('0123-go1.26.8-linux-amd64');
});

test('a key matches whichever Go version built it, but not for other sources or another platform', () => {
  const key = cacheKey('0123', { version: 'go1.26.8', ...linux });

  expect(cacheKeyMatches(key, '0123', linux)).toBe(true);
  expect(cacheKeyMatches(key, '012', linux)).toBe(false);
  expect(cacheKeyMatches(key, '4567', linux)).toBe(false);
  expect(cacheKeyMatches(key, '0123', { os: 'darwin', arch: 'amd64' })).toBe(false);
  expect(cacheKeyMatches(key, '0123', { os: 'linux', arch: 'arm64' })).toBe(false);
});
