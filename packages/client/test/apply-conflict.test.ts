import { expect, test } from 'vitest';
import { ApiStatusError } from '../src/api-status-error.ts';
import { applyConflicts, isApplyConflict } from '../src/apply-conflict.ts';

function refusal(...causes: { field: string; message: string; reason?: string }[]): ApiStatusError {
  return new ApiStatusError({
    status: {
      code: 409,
      reason: 'Conflict',
      details: { causes: causes.map((cause) => ({ reason: 'FieldManagerConflict', ...cause })) },
    },
  });
}

test('each conflict tells the field and who owns it, how and since when', () => {
  const image = '.spec.template.spec.containers[name="web"].image';
  const error = refusal(
    { field: '.spec.replicas', message: 'conflict with "autoscaler"' },
    {
      field: image,
      message: 'conflict with "kubectl-edit" using apps/v1 at 2026-01-01T00:00:00Z',
    },
    {
      field: '.status.replicas',
      message: 'conflict with "a \\"b\\"" with subresource "status" using v1',
    },
  );

  expect(isApplyConflict(error)).toBe(true);
  expect(applyConflicts(error)).toMatchObject([
    { manager: 'autoscaler', field: '.spec.replicas', operation: 'Apply', subresource: undefined },
    {
      manager: 'kubectl-edit',
      field: image,
      operation: 'Update',
      apiVersion: 'apps/v1',
      time: '2026-01-01T00:00:00Z',
    },
    { manager: 'a "b"', subresource: 'status', operation: 'Update', apiVersion: 'v1' },
  ]);
});

test('words that are not those of an API server are kept as the manager', () => {
  expect(applyConflicts(refusal({ field: '.a', message: 'somebody' }))).toMatchObject([
    { manager: 'somebody', message: 'somebody' },
  ]);
});

test('a conflict of versions is none of an apply, and neither is any other error', () => {
  const stale = new ApiStatusError({ status: { code: 409, reason: 'Conflict' } });

  expect(isApplyConflict(stale)).toBe(false);
  expect(isApplyConflict(refusal({ field: 'a', message: 'b', reason: 'Other' }))).toBe(false);
  expect(isApplyConflict(new Error('conflict'))).toBe(false);
  expect(applyConflicts(undefined)).toEqual([]);
});
