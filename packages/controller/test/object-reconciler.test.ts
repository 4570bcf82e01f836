import { ApiStatusError } from '@kubeloop/client';
import { expect, test } from 'vitest';
import { quietLogger } from '../src/logger.ts';
import { objectReconciler } from '../src/object-reconciler.ts';
import type { ReconcileContext } from '../src/request.ts';

const request = { namespace: 'ns', name: 'a' };
const context: ReconcileContext = {
  signal: new AbortController().signal,
  logger: quietLogger,
  reconcileID: 'id',
  priority: undefined,
};

test('the object is read and its result handed on', async () => {
  const reconcile = objectReconciler(
    ({ name }) => ({ size: name.length }),
    ({ size }) => ({ requeueAfterMs: size }),
  );

  expect(await reconcile(request, context)).toEqual({ requeueAfterMs: 1 });
});

test.each([
  ['is not there', () => undefined],
  [
    'is not found',
    () => Promise.reject(new ApiStatusError({ status: { code: 404, reason: 'NotFound' } })),
  ],
])('nothing happens when the object %s', async (_title, read) => {
  let called = false;
  const reconcile = objectReconciler<object>(read, () => {
    called = true;
  });

  expect(await reconcile(request, context)).toBeUndefined();
  expect(called).toBe(false);
});

test.each([
  ['read', undefined, () => {}],
  ['reconcile', () => ({}), undefined],
])('a %s that is no function is refused', (name, read, reconcile) => {
  expect(() => objectReconciler(read as never, reconcile as never)).toThrow(
    `Cannot use undefined as ${name} of an objectReconciler: it must be a function`,
  );
});

test('any other failure to read is thrown', async () => {
  const reconcile = objectReconciler<object>(
    () => Promise.reject(new Error('down')),
    () => {},
  );

  await expect(reconcile(request, context)).rejects.toThrow('down');
});

test('a "not found" that the reconciler itself meets is thrown', async () => {
  const error = new ApiStatusError({ status: { code: 404, reason: 'NotFound' } });
  const reconcile = objectReconciler(
    () => ({}),
    () => Promise.reject(error),
  );

  await expect(reconcile(request, context)).rejects.toBe(error);
});
