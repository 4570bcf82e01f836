/**
 * The version that a write insists on, as an optimistic lock does: the server takes the write only if the object has it.
 * `undefined` when it does not say: nobody can tell then what the write was put on top of, nor, since a server answers to
 * a write that changes nothing with the version of whoever wrote before, whether it wrote anything.
 *
 * @param body - an object, a patch of one, or the operations of a JSON patch
 */
export function baseVersionOf(body: unknown): string | undefined {
  const version = Array.isArray(body) ? testedVersion(body) : versionIn(body);
  return typeof version === 'string' && version !== '' ? version : undefined;
}

function versionIn(body: unknown): unknown {
  return memberOf(memberOf(body, 'metadata'), 'resourceVersion');
}

function testedVersion(operations: readonly unknown[]): unknown {
  const test = operations.find(
    (each) =>
      memberOf(each, 'op') === 'test' && memberOf(each, 'path') === '/metadata/resourceVersion',
  );
  return memberOf(test, 'value');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
