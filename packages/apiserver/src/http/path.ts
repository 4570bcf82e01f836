/** What a path under `/api` or `/apis` points at. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The path's parts; `undefined` when it is no resource path. */
export function parseResourcePath(pathname: string): ResourcePath | undefined {
  const parts = split(pathname);
  if (parts === undefined) return undefined;
  const [root, first = '', second = ''] = parts;
  if (root === 'api' && parts.length >= 3) {
    return resource({ group: '', version: first }, parts.slice(2));
  }
  if (root === 'apis' && parts.length >= 4) {
    return resource({ group: first, version: second }, parts.slice(3));
  }
  return undefined;
}

function split(pathname: string): string[] | undefined {
  try {
    const parts = pathname.replace(/\/$/, '').slice(1).split('/');
    return pathname.includes('%') ? parts.map((part) => decodeURIComponent(part)) : parts;
  } catch {
    return undefined; // a percent sign that starts no escape
  }
}

function resource(
  served: { group: string; version: string },
  rest: readonly string[],
): ResourcePath | undefined {
  const [first, namespace, plural] = rest;
  // `/namespaces/x` is the namespace itself, `/namespaces/x/status` a subresource of it.
  const isNamespaced =
    first === 'namespaces' && plural !== undefined && !['status', 'finalize'].includes(plural);
  const parts = isNamespaced ? rest.slice(2) : rest;
  if (parts.length > 3 || parts.some((part) => part === '')) return undefined;
  const [found = '', name, subresource] = parts;
  return {
    ...served,
    plural: found,
    namespace: isNamespaced ? namespace : undefined,
    name,
    subresource,
  };
}
