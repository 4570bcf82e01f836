import { ApiStatusError } from './api-status-error.ts';
import { excerpt, headerOf, isJson, readStartBytes, type Answer } from './answer.ts';
import { isProtobuf } from './protobuf/negotiation.ts';
import type { Resource } from './resource.ts';
import { withoutSecrets } from './server-url.ts';
import { reasonForCode, type Status } from './status.ts';

/** What a call does, for messages. */
export interface Action {
  /** Such as `get`, or the method and path of a raw request. */
  readonly verb: string;
  /** None for raw requests. */
  readonly resource?: Resource<unknown> | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly subresource?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** The longest text of a failed answer that is read; more is cut off with the connection. */
const maxFailureBytes = 1_048_576;

/** `get deployments.apps "web" in namespace "shop"`, `list pods with labels "app=web"`. */
export function describeAction(action: Action): string {
  const { verb, resource, name, namespace } = action;
  if (!resource) return verb;
  const object = name === undefined ? '' : ` ${JSON.stringify(name)}`;
  const place = namespace === undefined ? '' : ` in namespace ${JSON.stringify(namespace)}`;
  return `${verb} ${resource.name}${object}${place}${describeSelectors(action)}`;
}

/** Servers do not repeat a selector that they cannot read, or only a part of it. */
function describeSelectors({ labelSelector, fieldSelector }: Action): string {
  const labels = labelSelector ? ` with labels ${JSON.stringify(labelSelector)}` : '';
  const fields = fieldSelector ? ` with fields ${JSON.stringify(fieldSelector)}` : '';
  return labels && fields ? `${labels} and${fields.replace(' with', '')}` : labels + fields;
}

/** How long an answer asks to wait; only the form in seconds is understood, as in client-go. */
export function retryAfterMs(answer: Answer): number | undefined {
  const value = headerOf(answer, 'retry-after')?.trim();
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) * 1000 : undefined;
}

/** Makes the error of an answer that is a failure, reading its body. */
export async function failureOf(
  answer: Answer,
  action: Action,
  server: string,
): Promise<ApiStatusError> {
  const bytes = await readStartBytes(answer, maxFailureBytes);
  const status = await statusOf(answer, bytes);
  const words = wordsFor(status, { action, server, answer });
  return new ApiStatusError({
    status,
    message: `Cannot ${describeAction(action)}: ${words} (${status.code} ${status.reason})`,
    retryAfterMs: retryAfterMs(answer),
  });
}

/** The Status in a body, or one made up of the HTTP code. */
async function statusOf(answer: Answer, bytes: Buffer): Promise<Status> {
  const code = answer.statusCode;
  const text = isProtobuf(answer) ? '' : bytes.toString('utf8');
  const made: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason: reasonForCode(code),
    message: text === '' ? undefined : `the server answered ${excerpt(text)}`,
  };
  try {
    const parsed = await parsedBody(answer, bytes, text);
    if (typeof parsed !== 'object' || parsed === null || !('kind' in parsed)) return made;
    if (parsed.kind !== 'Status') return made;
    // It says that it is a Status; members that are missing are filled in, others are the server's word.
    const status = parsed as Status;
    return { ...status, code: status.code || code, reason: status.reason || reasonForCode(code) };
  } catch {
    return made;
  }
}

/** What the body says in a form that is known; nothing of any other. @throws SyntaxError when it is not what it says it is */
async function parsedBody(answer: Answer, bytes: Buffer, text: string): Promise<unknown> {
  if (isJson(answer)) return JSON.parse(text);
  if (!isProtobuf(answer)) return undefined;
  const { readObject } = await import('./protobuf/readers.ts');
  return readObject(bytes);
}

function wordsFor(
  status: Status,
  context: { readonly action: Action; readonly server: string; readonly answer: Answer },
): string {
  const { action, server, answer } = context;
  const said = shortened(status.message) || 'the server gave no reason';
  if (status.code === 401) return `server ${server} refused the credentials: ${said}`;
  if (answer.statusCode >= 300 && answer.statusCode < 400)
    return `server ${server} redirects to ${shortened(withoutSecrets(headerOf(answer, 'location') ?? 'nowhere'))}, so its URL may be wrong`;
  if (status.code === 404 && action.resource && !status.details?.name && !status.details?.kind)
    return `the server ${server} does not know ${wordsForUnknown(action.resource, action.subresource)}`;
  return said;
}

/** A server does not say whether it is the resource that it does not know, or only its subresource. */
function wordsForUnknown(resource: Resource<unknown>, subresource: string | undefined): string {
  const what = `${resource.name}/${resource.version}`;
  const isCustom = resource.group.includes('.');
  if (subresource === undefined)
    return `${what}: ${isCustom ? 'is the CRD installed?' : 'check its group, version and plural'}`;
  const remedy = isCustom
    ? `is the CRD installed, with the subresource "${subresource}"?`
    : 'check its group, version and plural, and whether it has this subresource';
  return `the ${subresource} of ${what}: ${remedy}`;
}

/** The longest text of a server that becomes part of an error's message; the whole of it stays in the `status`. */
const maxSaidLength = 4096;

function shortened(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return text.length > maxSaidLength ? `${text.slice(0, maxSaidLength)}…` : text;
}
