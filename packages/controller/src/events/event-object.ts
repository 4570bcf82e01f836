import type { ObjectLike } from '@kubeloop/cache-store';
import type { events, Resource } from '@kubeloop/client';

/** An event of `events.k8s.io/v1`, as it is on the wire. */
export type EventObject = typeof events extends Resource<infer E> ? E : never;

/** Which object an event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** What has happened to an object. */
export interface EventFields {
  /** `Warning` when somebody should look at it. Default `Normal`. */
  readonly type?: 'Normal' | 'Warning' | undefined;
  /** Why it happened, as one CamelCase word for programs, such as `ImageMissing`; up to 128 characters. */
  readonly reason: string;
  /** What the controller did or failed to do, as one CamelCase word, such as `Pulling`; up to 128 characters. */
  readonly action: string;
  /** The story for people. What is beyond 1 KiB is cut off. */
  readonly note: string;
  /** A second object that it is about. */
  readonly related?: ObjectLike | undefined;
}

/** Who an event is from. */
export interface EventSource {
  readonly reportingController: string;
  readonly reportingInstance: string;
}

/** The limits of events (kubernetes `pkg/apis/core/validation/events.go`). */
const longestWord = 128;
const longestNoteBytes = 1024;
const longestName = 253;

/**
 * Which object an event is about.
 *
 * @throws TypeError when the object does not say what it is
 */
export function subjectOf(object: ObjectLike): EventSubject {
  const { apiVersion, kind, metadata } = object ?? {};
  const { name, namespace, uid, resourceVersion } = metadata ?? {};
  if (!apiVersion || !kind || !name)
    throw new TypeError(
      `Cannot record an event about ${JSON.stringify({ apiVersion, kind, name })}: the object needs apiVersion, kind and a name`,
    );
  return {
    apiVersion,
    kind,
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
}

/** @throws TypeError when a member is missing or too long */
export function checkFields(fields: EventFields): void {
  const { type = 'Normal', reason, action, note } = fields ?? {};
  if (type !== 'Normal' && type !== 'Warning')
    throw new TypeError(
      `Cannot record an event of type "${String(type)}": it must be Normal or Warning`,
    );
  checkWord('reason', reason);
  checkWord('action', action);
  if (typeof note !== 'string')
    throw new TypeError(`Cannot record an event with the note "${String(note)}": it must be text`);
}

function checkWord(name: string, word: unknown): void {
  if (typeof word !== 'string' || word === '' || word.length > longestWord)
    throw new TypeError(
      `Cannot record an event with the ${name} "${String(word)}": it must be a word of up to ${longestWord} characters`,
    );
}

/** An event as it is created. Events about objects without a namespace are in `default`. */
export function eventObject(
  { subject, related, fields, source }: EventParts,
  time: Date,
  sequence: number,
): EventObject {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: eventName(subject.name, time, sequence),
      namespace: subject.namespace ?? 'default',
    },
    eventTime: microTime(time),
    reportingController: source.reportingController,
    reportingInstance: source.reportingInstance,
    action: fields.action,
    reason: fields.reason,
    regarding: subject,
    ...(related && { related }),
    note: cut(fields.note),
    type: fields.type ?? 'Normal',
  };
}

/** All that makes an event. */
export interface EventParts {
  readonly subject: EventSubject;
  readonly related: EventSubject | undefined;
  readonly fields: EventFields;
  readonly source: EventSource;
}

/** A time as `metav1.MicroTime` has it: RFC 3339 with exactly six digits of a second. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}

/** Named as client-go does: after the object and the time in nanoseconds, of which the last six digits are a sequence. */
function eventName(base: string, time: Date, sequence: number): string {
  const nanoseconds = BigInt(time.getTime()) * 1_000_000n + BigInt(sequence % 1_000_000);
  const name = `${base}.${nanoseconds.toString(16)}`;
  const isName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
  return isName && name.length <= longestName ? name : crypto.randomUUID();
}

/** Never in the midst of a character. */
function cut(note: string): string {
  const bytes = new TextEncoder().encode(note);
  if (bytes.length <= longestNoteBytes) return note;
  const end = bytes.subarray(0, longestNoteBytes - 3);
  return `${new TextDecoder().decode(end, { stream: true })}…`;
}
