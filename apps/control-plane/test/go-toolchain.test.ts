import { expect, test } from 'vitest';

import { goDirectory } from '../src/builder.ts';
import { compareVersions, findGo, requiredGoVersion } from '../src/go-toolchain.ts';

test('versions are compared number by number', () => {
  expect(compareVersions('1.26.8', '1.26.0')).toBeGreaterThan(0);
  expect(compareVersions('1.9', '1.26')).toBeLessThan(0);
  expect(compareVersions('1.26', '1.26.0')).toBe(0);
  expect(compareVersions('2.0', '1.99.9')).toBeGreaterThan(0);
});

test('an unreadable version is older than any other', () => {
  expect(compareVersions('', '1.26.0')).toBeLessThan(0);
});

test('the needed version is read from the go line and not from a godebug line', () => {
  const text =
    'module m\n\ngodebug default=go1.25\n\ngo 1.26.0\n\nrequire go.uber.org/zap v1.27.1\n';

  expect(requiredGoVersion(text)).toBe('1.26.0');
});

test('a go.mod without a go line is refused', () => {
  expect(() => requiredGoVersion('module m\n')).toThrow('Cannot read the Go version from go.mod');
});

test('a host without the command gets a sentence that names the version it needs', async () => {
  const found = await findGo({ directory: goDirectory, command: 'no-such-go' });

  expect(found).toEqual({
    missing: expect.stringMatching(/"no-such-go" was not found.*Go 1\.26\.0 or newer/u),
  });
});
