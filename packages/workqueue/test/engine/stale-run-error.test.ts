import { expect, test, vi } from 'vitest';
import { StaleRunError } from '../../src/engine/stale-run-error.ts';

test('an error of another copy of the package is known as one', async () => {
  vi.resetModules();
  const other = await import('../../src/engine/stale-run-error.ts');

  const error = new other.StaleRunError('Taken back');

  expect(error instanceof StaleRunError).toBe(false);
  expect(StaleRunError.is(error)).toBe(true);
});

test.for([[undefined], [null], ['StaleRunError'], [new Error('Taken back')]])(
  '%s is none',
  ([value]) => {
    expect(StaleRunError.is(value)).toBe(false);
  },
);
