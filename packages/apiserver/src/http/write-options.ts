import type { WriteRequest } from '../operations/context.ts';
import { stringAt } from '../json.ts';
import { fieldError, invalid } from '../status.ts';
import type { Exchange } from './exchange.ts';

/** Values of `fieldValidation`; none means `Warn`. */
const validations = ['', 'Ignore', 'Strict', 'Warn'];

/**
 * What is to be done about members that a resource does not have, by the `fieldValidation` of the
 * request: nothing, a warning in the answer's header, or the failure that `refuse` makes.
 */
export function unknownMembers(
  { query, response }: Exchange,
  refuse: (why: string) => Error,
): (paths: readonly string[]) => void {
  const validation = query.get('fieldValidation');
  return (paths) => {
    if (validation === 'Ignore') return;
    const found = paths.map((path) => `unknown field "${path}"`);
    if (validation === 'Strict') throw refuse(`strict decoding error: ${found.join(', ')}`);
    response.setHeader(
      'warning',
      found.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  };
}

/**
 * Reads what all writes have in common.
 *
 * @throws StatusError 422 when an apply names no field manager, another patch has force, or dryRun or
 *   fieldValidation have values that do not exist
 */
export function writeRequest(
  { query, request, path, resource }: Exchange,
  kind: string,
  apply = false,
): WriteRequest {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const options = { group: 'meta.k8s.io', name: kind };
  if (dryRun.some((value) => value !== 'All')) {
    throw invalid(options, '', [fieldError.notSupported('dryRun', dryRun, ['All'])]);
  }
  if (!validations.includes(query.get('fieldValidation') ?? '')) {
    throw invalid(options, '', [
      fieldError.notSupported('fieldValidation', query.get('fieldValidation'), validations),
    ]);
  }
  if (kind === 'PatchOptions' && !apply && query.has('force')) {
    throw invalid(options, '', [
      fieldError.forbidden('force', 'may not be specified for non-apply patch'),
    ]);
  }
  const manager = query.get('fieldManager') ?? '';
  if (apply && manager === '') {
    throw invalid(options, '', [
      fieldError.required('fieldManager', 'is required for apply patch'),
    ]);
  }
  const agent =
    stringAt({ agent: request.headers['user-agent'] ?? '' }, 'agent').split('/')[0] ?? '';
  return {
    resource,
    namespace: path.namespace,
    subresource:
      path.subresource === 'binding' || path.subresource === 'eviction'
        ? undefined
        : path.subresource,
    dryRun: dryRun.length > 0,
    manager: manager || agent || 'unknown',
    operation: apply ? 'Apply' : 'Update',
  };
}
