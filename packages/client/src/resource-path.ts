import type { Resource } from './resource.ts';

/** Where a call goes. */
export interface ResourcePath {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: 'status' | 'scale' | undefined;
}

/** A query; members that are `undefined` or empty stay out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path and query of a call, such as `/apis/apps/v1/namespaces/a/deployments/b?dryRun=All`. */
export function resourcePath(
  resource: Resource<unknown>,
  path: ResourcePath,
  query: Query = {},
): string {
  const { group, version, plural } = resource;
  const segments = group === '' ? ['api', version] : ['apis', group, version];
  if (path.namespace !== undefined) segments.push('namespaces', encodeURIComponent(path.namespace));
  segments.push(plural);
  if (path.name !== undefined) segments.push(encodeURIComponent(path.name));
  if (path.subresource) segments.push(path.subresource);
  return `/${segments.join('/')}${queryText(query)}`;
}

/** `?a=b&c=d`, or nothing. @throws TypeError that names a member which is neither text, number nor boolean, such as a selector object */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') parameters.set(name, textOf(name, value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  const type = value === null ? 'null' : `a value of type ${typeof value}`;
  throw new TypeError(`Cannot use ${type} as ${name}: it must be text, a number or a boolean`);
}

/**
 * Refuses what would end up as another path; the rule is apimachinery's `IsValidPathSegmentName`.
 *
 * @param what - `name` or `namespace`
 * @throws TypeError
 */
export function checkSegment(what: string, value: unknown): void {
  if (typeof value !== 'string' || value === '')
    throw new TypeError(
      `Cannot use ${JSON.stringify(value)} as ${what}: it must be a text that is not empty`,
    );
  if (value === '.' || value === '..' || /[/%]/.test(value))
    throw new TypeError(
      `Cannot use ${JSON.stringify(value)} as ${what}: it must not be "." or ".." or contain "/" or "%"`,
    );
}
