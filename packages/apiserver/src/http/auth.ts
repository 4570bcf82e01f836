import { StatusError, unauthorized } from '../status.ts';

/** What a token may not do. */
export interface DenyRule {
  /** Verbs such as `list`; `*` or none for all. */
  readonly verbs?: readonly string[];
  /** Plurals, or `pods/status` for a subresource; `*` or none for all. */
  readonly resources?: readonly string[];
  /** API groups, `''` for the core group; `*` or none for all. */
  readonly groups?: readonly string[];
  /** Namespaces; none for all, and for requests across all namespaces. */
  readonly namespaces?: readonly string[];
}

/** Who a Bearer token stands for. */
export interface TokenOptions {
  /** The user's name in messages. */
  readonly user: string;
  /** Requests that are answered with 403; default none. */
  readonly deny?: readonly DenyRule[];
}

/** What a request wants, in the terms of authorisation. */
export interface Attempt {
  readonly verb: string;
  readonly group: string;
  /** Plural, with `/subresource` where there is one. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/**
 * Finds who asks.
 *
 * @throws StatusError 401
 */
export function authenticate(
  tokens: Readonly<Record<string, TokenOptions>> | undefined,
  header: string | undefined,
): TokenOptions | undefined {
  if (tokens === undefined) return undefined;
  const token = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  const found = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (found === undefined) throw unauthorized();
  return found;
}

/**
 * Applies the deny rules of a user.
 *
 * @throws StatusError 403
 */
export function authorise(user: TokenOptions | undefined, attempt: Attempt): void {
  if (user?.deny?.some((rule) => applies(rule, attempt)) !== true) return;
  const { verb, group, resource, namespace, name } = attempt;
  const subject = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`;
  const scope =
    namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${subject} is forbidden: User "${user.user}" cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`,
    details: {
      ...(name === undefined ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource.split('/')[0] ?? resource,
    },
  });
}

function applies(rule: DenyRule, attempt: Attempt): boolean {
  const covers = (list: readonly string[] | undefined, value: string): boolean =>
    list === undefined || list.includes('*') || list.includes(value);
  if (rule.namespaces !== undefined && !rule.namespaces.includes(attempt.namespace ?? ''))
    return false;
  return (
    covers(rule.verbs, attempt.verb) &&
    covers(rule.groups, attempt.group) &&
    covers(rule.resources, attempt.resource)
  );
}
