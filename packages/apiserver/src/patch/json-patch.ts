import { cloneJson, equalJson, isObject, type JsonValue } from '../json.ts';
import { badRequest, unprocessable } from '../status.ts';

type Operation = { op: string; path: string[]; from: string[]; value: JsonValue };

/**
 * Applies a JSON patch (RFC 6902) to a copy of `target`.
 *
 * @throws StatusError 400 when the patch is malformed, 422 when it does not fit the target or a
 *   test fails
 */
export function applyJsonPatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  const operations = patch.map(parse);
  let document = cloneJson(target);
  for (const operation of operations) document = run(document, operation);
  return document;
}

function parse(raw: JsonValue): Operation {
  if (!isObject(raw)) throw badRequest('error decoding patch: an operation is not an object');
  return {
    op: typeof raw['op'] === 'string' ? raw['op'] : '',
    path: pointer(raw['path']),
    from: raw['from'] === undefined ? [] : pointer(raw['from']),
    value: raw['value'] ?? null,
  };
}

function pointer(text: JsonValue | undefined): string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw unprocessable();
  const steps = text.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function run(document: JsonValue, { op, path, from, value }: Operation): JsonValue {
  switch (op) {
    case 'add':
      return add(document, path, cloneJson(value));
    case 'remove':
      return remove(document, path);
    case 'replace':
      return path.length === 0 ? cloneJson(value) : replace(document, path, cloneJson(value));
    case 'move': {
      const moved = readOrFail(document, from);
      return add(remove(document, from), path, moved);
    }
    case 'copy':
      return add(document, path, cloneJson(readOrFail(document, from)));
    case 'test': {
      const found = read(document, path);
      if (!equalJson(found ?? null, value)) throw unprocessable();
      return document;
    }
    default:
      throw unprocessable();
  }
}

function read(document: JsonValue, path: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = document;
  for (const step of path) {
    if (Array.isArray(current)) current = current[arrayIndex(step, current.length - 1)];
    else if (isObject(current)) current = Object.hasOwn(current, step) ? current[step] : undefined;
    else return undefined;
  }
  return current;
}

function readOrFail(document: JsonValue, path: readonly string[]): JsonValue {
  const found = read(document, path);
  if (found === undefined) throw unprocessable();
  return found;
}

function add(document: JsonValue, path: readonly string[], value: JsonValue): JsonValue {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(last === '-' ? parent.length : arrayIndex(last, parent.length), 0, value);
  } else if (isObject(parent)) {
    parent[last] = value;
  } else {
    throw unprocessable();
  }
  return document;
}

/** As the real server: a member that is not there is added, an index that is not there fails. */
function replace(document: JsonValue, path: readonly string[], value: JsonValue): JsonValue {
  const last = path.at(-1) ?? '';
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent[arrayIndex(last, parent.length - 1)] = value;
  else if (isObject(parent)) parent[last] = value;
  else throw unprocessable();
  return document;
}

function remove(document: JsonValue, path: readonly string[]): JsonValue {
  const last = path.at(-1);
  const parent = read(document, path.slice(0, -1));
  if (last === undefined) throw unprocessable();
  if (Array.isArray(parent)) parent.splice(arrayIndex(last, parent.length - 1), 1);
  else if (isObject(parent) && Object.hasOwn(parent, last)) delete parent[last];
  else throw unprocessable();
  return document;
}

function arrayIndex(step: string, max: number): number {
  if (!/^(0|[1-9]\d*)$/.test(step) || Number(step) > max) throw unprocessable();
  return Number(step);
}
