import type { DeleteOptions, SelectionOptions, WriteOptions } from './api.ts';
import { checkWhole } from './client-options.ts';
import type { Query } from './resource-path.ts';

/** The query of a list or watch. @throws TypeError or RangeError that names the option */
export function selectionQuery(options: SelectionOptions): Query {
  const { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch } = options;
  const { timeoutSeconds } = options;
  if (timeoutSeconds !== undefined) checkWhole('timeoutSeconds', timeoutSeconds);
  return { labelSelector, fieldSelector, resourceVersion, resourceVersionMatch, timeoutSeconds };
}

/** The query of a writing call. */
export function writeQuery(options: WriteOptions): Query {
  const { dryRun, fieldManager, fieldValidation } = options;
  return { dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation };
}

/** The body of a deletion. @throws TypeError or RangeError that names the option */
export function deleteBody(options: DeleteOptions): object {
  const { propagationPolicy, preconditions, gracePeriodSeconds, dryRun } = options;
  if (gracePeriodSeconds !== undefined) checkWhole('gracePeriodSeconds', gracePeriodSeconds);
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy,
    preconditions,
    gracePeriodSeconds,
    dryRun: dryRun ? ['All'] : undefined,
  };
}
