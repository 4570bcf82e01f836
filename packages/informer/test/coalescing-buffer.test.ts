import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import { array, assert, constantFrom, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CoalescingBuffer } from '../src/coalescing-buffer.ts';
import type { Notification } from '../src/events.ts';
import { short, type Thing, thing } from './support/scripted.ts';

const add = (obj: Thing, isInInitialList = false): Notification<Thing> => ({
  type: 'add',
  key: obj.metadata.name,
  obj,
  isInInitialList,
});
const update = (oldObj: Thing, newObj: Thing, isSync = false): Notification<Thing> => ({
  type: 'update',
  key: newObj.metadata.name,
  oldObj,
  newObj,
  isSync,
});
const gone = (obj: Thing | DeletedFinalStateUnknown<Thing>): Notification<Thing> => ({
  type: 'delete',
  key: DeletedFinalStateUnknown.is(obj) ? obj.key : obj.metadata.name,
  obj,
});

/** What comes out of a buffer into which this was put, and how many additions were taken back. */
function merged(...notifications: Notification<Thing>[]): string[] {
  const dropped: string[] = [];
  const buffer = new CoalescingBuffer<Thing>(({ obj }) => dropped.push(`dropped ${short(obj)}`));
  for (const notification of notifications) buffer.push(notification);
  const out: string[] = [];
  for (let next = buffer.shift(); next; next = buffer.shift()) out.push(words(next));
  expect(buffer.size).toBe(0);
  return [...out, ...dropped];
}

function words(n: Notification<Thing>): string {
  switch (n.type) {
    case 'add':
      return `add ${short(n.obj)}${n.isInInitialList ? '!' : ''}`;
    case 'update':
      return `update ${short(n.oldObj)} ${short(n.newObj)}`;
    case 'delete':
      return DeletedFinalStateUnknown.is(n.obj) ? `gone ${n.key}` : `delete ${short(n.obj)}`;
    default:
      return n satisfies never;
  }
}

const [a1, a2, a3, a4, b1] = [
  thing('a', 1),
  thing('a', 2),
  thing('a', 3),
  thing('a', 4),
  thing('b', 1),
];

describe('merging', () => {
  test('an addition and later updates are one addition of the newest object, still of the initial list', () => {
    expect(merged(add(a1, true), update(a1, a2), update(a2, a3))).toEqual(['add a3!']);
  });

  test('updates are one update from the object that was seen to the newest', () => {
    expect(merged(update(a1, a2), update(a2, a3), update(a3, a4))).toEqual(['update a1 a4']);
  });

  test('an object that was never seen and is gone again is not mentioned', () => {
    expect(merged(add(a1), update(a1, a2), gone(a3))).toEqual(['dropped a2']);
  });

  test('an update and the deletion are the deletion', () => {
    expect(merged(update(a1, a2), gone(a3))).toEqual(['delete a3']);
  });

  test('a deletion is not hidden by the object that follows, and updates of that go into its addition', () => {
    expect(merged(gone(a1), add(a2), update(a2, a3))).toEqual(['delete a1', 'add a3']);
  });

  test('a deletion stays when its successor is gone before it was seen', () => {
    expect(merged(gone(a1), add(a2), gone(a3))).toEqual(['delete a1', 'dropped a2']);
  });

  test('of two deletions the one that knows the last state stays', () => {
    const tombstone = new DeletedFinalStateUnknown('a', a1);

    expect(merged(gone(tombstone), gone(a2))).toEqual(['delete a2']);
    expect(merged(gone(a2), gone(tombstone))).toEqual(['delete a2']);
  });

  test('a key keeps the place of its first change', () => {
    expect(merged(add(a1), add(b1), update(a1, a2))).toEqual(['add a2', 'add b1']);
  });

  test('clearing tells which additions are taken back', () => {
    const dropped: string[] = [];
    const buffer = new CoalescingBuffer<Thing>(({ obj }) => dropped.push(short(obj)));
    buffer.push(add(a1));
    buffer.push(gone(b1));
    buffer.push(add(b1));

    buffer.clear();

    expect(dropped).toEqual(['a1', 'b1']);
    expect([buffer.size, buffer.shift()]).toEqual([0, undefined]);
  });
});

test('whatever happens and whenever the handler is ready, it sees a legal sequence that ends in the truth', () => {
  const steps = array(
    record({
      key: constantFrom('a', 'b', 'c'),
      what: constantFrom('write', 'write', 'delete', 'vanish', 'resync', 'take', 'take'),
    }),
    { maxLength: 60 },
  );
  assert(
    property(steps, (script) => {
      const truth = new Map<string, Thing>();
      const seen = new Map<string, Thing>();
      const buffer = new CoalescingBuffer<Thing>(() => {});
      let version = 0;
      const take = (): boolean => {
        const next = buffer.shift();
        if (next) see(next, seen);
        return next !== undefined;
      };
      for (const { key, what } of script) {
        const before = truth.get(key);
        version += 1;
        const next = thing(key, version, before?.metadata.uid ?? `uid${version}`);
        if (what === 'take') take();
        else if (what === 'write') {
          buffer.push(before ? update(before, next) : add(next));
          truth.set(key, next);
        } else if (before && what === 'resync') buffer.push(update(before, before, true));
        else if (before) {
          buffer.push(gone(what === 'delete' ? next : new DeletedFinalStateUnknown(key, before)));
          truth.delete(key);
        }
        expect(buffer.size).toBeLessThanOrEqual(3);
      }
      while (take());
      expect(seen).toEqual(truth);
      expect(buffer.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});

/** Follows a handler's view of the world and throws when a call does not fit to it. */
function see(next: Notification<Thing>, seen: Map<string, Thing>): void {
  const before = seen.get(next.key);
  const isLegal = next.type === 'add' ? !before : before && isSuccessor(next, before);
  if (!isLegal) throw new Error(`Illegal after ${short(before)}: ${words(next)}`);
  if (next.type === 'delete') seen.delete(next.key);
  else seen.set(next.key, next.type === 'add' ? next.obj : next.newObj);
}

function isSuccessor(next: Exclude<Notification<Thing>, { type: 'add' }>, before: Thing): boolean {
  const { uid } = before.metadata;
  if (next.type === 'update') return next.oldObj === before && next.newObj.metadata.uid === uid;
  const last = next.obj instanceof DeletedFinalStateUnknown ? next.obj.obj : next.obj;
  return last?.metadata.uid === uid;
}
