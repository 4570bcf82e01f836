import type { ServerObject, ServerState } from '../src/compare.ts';
import { Recorder } from '../src/recorder.ts';
import type { EventMessage } from '../src/subject-protocol.ts';

/** A call of the only handler of a resource. */
export function called(
  resource: string,
  op: EventMessage['op'],
  key: string,
  rv: string,
): EventMessage {
  return { type: 'event', handler: 'sync', resource, op, key, uid: `uid of ${key}`, rv, t: 0 };
}

/** The state of a server with one resource, from versions by key. */
export function serverWith(versions: Readonly<Record<string, string>>): ServerState {
  const objects = new Map<string, ServerObject>();
  for (const [key, rv] of Object.entries(versions)) objects.set(key, { uid: `uid of ${key}`, rv });
  return new Map([['gadgets', objects]]);
}

/** A recorder that has been told of objects and of their reconciles. */
export function recorderWith(versions: Readonly<Record<string, string>>): Recorder {
  const recorder = new Recorder();
  for (const [key, rv] of Object.entries(versions)) {
    recorder.note(called('gadgets', 'add', key, rv));
    recorder.note({ type: 'reconcile', key, rv, t: 0 });
  }
  return recorder;
}
