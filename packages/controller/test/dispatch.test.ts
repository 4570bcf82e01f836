import type { ObjectLike } from '@kubeloop/cache-store';
import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import type { ResourceEventHandler } from '@kubeloop/informer';
import { describe, expect, test } from 'vitest';
import { informerHandler } from '../src/dispatch.ts';
import type { EventHandler } from '../src/event-handler.ts';
import { enqueueMapped, enqueueSelf, lowPriority } from '../src/event-handler.ts';
import type { Predicate } from '../src/predicates.ts';
import type { Request } from '../src/request.ts';
import { requestKey } from '../src/request.ts';

const object = (name: string, resourceVersion = '1', uid = name): ObjectLike => ({
  metadata: { namespace: 'ns', name, uid, resourceVersion },
});
const toPeer = (peer: ObjectLike): Request[] => [
  { namespace: '', name: peer.metadata?.labels?.['peer'] ?? 'none' },
];
const withPeer = (peer: string, resourceVersion: string): ObjectLike => ({
  metadata: { name: 'a', resourceVersion, labels: { peer } },
});

interface Rig {
  readonly events: ResourceEventHandler<ObjectLike>;
  readonly queued: string[];
  readonly errors: string[];
}

function rig(
  handler: EventHandler<ObjectLike> = enqueueSelf(),
  predicates: readonly Predicate<ObjectLike>[] = [],
  answer: (request: Request) => void | Promise<void> = () => {},
): Rig {
  const [queued, errors]: [string[], string[]] = [[], []];
  const events = informerHandler<ObjectLike>({
    handler,
    predicates,
    enqueue: (request, options) => {
      queued.push(`${requestKey(request)} ${options?.priority ?? 0}`);
      return answer(request);
    },
    onError: (error, action) => errors.push(`${action}: ${String(error)}`),
  });
  return { events, queued, errors };
}

describe('requests for the object itself', () => {
  test('each event leads to one request', () => {
    const { events, queued } = rig();

    void events.add?.(object('a'), false);
    void events.update?.(object('b'), object('b', '2'));
    void events.delete?.(object('c'));

    expect(queued).toEqual(['ns/a 0', 'ns/b 0', 'ns/c 0']);
  });

  test('a tombstone counts as a deletion of the last known object, one without an object as nothing', () => {
    const { events, queued } = rig();

    void events.delete?.(new DeletedFinalStateUnknown('ns/a', object('a')));
    void events.delete?.(new DeletedFinalStateUnknown<ObjectLike>('ns/b', undefined));

    expect(queued).toEqual(['ns/a 0']);
  });

  test('an object without metadata is ignored', () => {
    const { events, queued, errors } = rig();

    void events.add?.({}, false);

    expect([queued, errors]).toEqual([[], []]);
  });
});

describe('priority', () => {
  test('objects of the initial list and updates that changed nothing get a low priority', () => {
    const { events, queued } = rig();

    void events.add?.(object('a'), true);
    void events.update?.(object('b'), object('b'));

    expect(queued).toEqual([`ns/a ${lowPriority}`, `ns/b ${lowPriority}`]);
  });

  test('a changed object without a version keeps its priority, a resync of it does not', () => {
    const { events, queued } = rig();
    const stripped = (): ObjectLike => ({ metadata: { namespace: 'ns', name: 'a', uid: 'a' } });
    const cached = stripped();

    void events.update?.(cached, stripped());
    void events.update?.(cached, cached);

    expect(queued).toEqual(['ns/a 0', `ns/a ${lowPriority}`]);
  });

  test('a handler that sets a priority of its own has its way', () => {
    const { events, queued } = rig({
      create: ({ object: { metadata } }, enqueue) =>
        enqueue({ namespace: '', name: metadata?.name ?? '' }, { priority: 7 }),
    });

    void events.add?.(object('a'), true);

    expect(queued).toEqual(['a 7']);
  });
});

describe('map functions', () => {
  test('an update is mapped by its old and its new object', () => {
    const { events, queued } = rig(enqueueMapped(toPeer));

    void events.update?.(withPeer('x', '1'), withPeer('y', '2'));

    expect(queued).toEqual(['x 0', 'y 0']);
  });

  test('the same request of both is enqueued once', () => {
    const { events, queued } = rig(enqueueMapped(toPeer));

    void events.update?.(withPeer('x', '1'), withPeer('x', '2'));

    expect(queued).toEqual(['x 0']);
  });

  test('one that throws on the old object is reported, and the new one is enqueued all the same', () => {
    const map = (peer: ObjectLike): Request[] => {
      if (peer.metadata?.labels?.['peer'] === 'bad') throw new Error('no such peer');
      return toPeer(peer);
    };
    const { events, queued, errors } = rig(enqueueMapped(map));

    void events.update?.(withPeer('bad', '1'), withPeer('y', '2'));

    expect(queued).toEqual(['y 0']);
    expect(errors).toEqual(['handling the update event: Error: no such peer']);
  });

  test('one that gives a request without a name is reported', () => {
    const { events, errors } = rig(enqueueMapped(() => [{ namespace: 'ns', name: '' }]));

    void events.add?.(object('a'), false);

    expect(errors[0]).toContain('Cannot make a key of the request');
  });

  test('a request without a name does not keep those after it from the queue', () => {
    const good = { namespace: 'ns', name: 'b' };
    const { events, queued, errors } = rig(
      enqueueMapped(() => [{ namespace: 'ns', name: '' }, good]),
    );

    void events.add?.(object('a'), false);

    expect(queued).toEqual(['ns/b 0']);
    expect(errors).toHaveLength(1);
  });

  test('a request that the queue does not take does not keep the others from it', () => {
    const taken: string[] = [];
    const map = (): Request[] => ['a', 'b'].map((name) => ({ namespace: 'ns', name }));
    const { events, errors } = rig(enqueueMapped(map), [], ({ name }) => {
      if (name === 'a') throw new Error('no room');
      taken.push(name);
    });

    void events.add?.(object('x'), false);

    expect(taken).toEqual(['b']);
    expect(errors).toEqual(['handling the create event: Error: no room']);
  });

  test('a request that the queue rejects does not end the wait for the others', async () => {
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
    const map = (): Request[] => ['a', 'b'].map((name) => ({ namespace: 'ns', name }));
    const { events, errors } = rig(enqueueMapped(map), [], ({ name }) =>
      name === 'a' ? Promise.reject(new Error('no room')) : room,
    );
    let isDone = false;

    const done = Promise.resolve(events.add?.(object('x'), false)).then(() => (isDone = true));
    await new Promise((resolve) => setImmediate(resolve));
    const before = isDone;
    makeRoom();
    await done;

    expect(before).toBe(false);
    expect(errors).toEqual(['handling the create event: Error: no room']);
  });

  test('one that answers later is awaited', async () => {
    const { events, queued } = rig(enqueueMapped((peer) => Promise.resolve(toPeer(peer))));

    await events.update?.(withPeer('x', '1'), withPeer('y', '2'));

    expect(queued).toEqual(['x 0', 'y 0']);
  });

  test('one that rejects is reported and the event does not reject', async () => {
    const { events, errors } = rig(enqueueMapped(() => Promise.reject(new Error('later'))));

    await events.update?.(object('a'), object('a', '2'));

    expect(errors).toHaveLength(1);
  });
});

describe('predicates', () => {
  test('an event must pass all of them', () => {
    const { events, queued } = rig(enqueueSelf(), [
      { create: ({ object: { metadata } }) => metadata?.name !== 'a' },
      { create: ({ isInInitialList }) => !isInInitialList },
    ]);

    void events.add?.(object('a'), false);
    void events.add?.(object('b'), true);
    void events.add?.(object('c'), false);

    expect(queued).toEqual(['ns/c 0']);
  });

  test('one that throws is reported and the event passes', () => {
    const predicate: Predicate<ObjectLike> = {
      create: () => {
        throw new Error('cannot say');
      },
    };
    const { events, queued, errors } = rig(enqueueSelf(), [predicate]);

    void events.add?.(object('a'), false);

    expect(queued).toEqual(['ns/a 0']);
    expect(errors).toEqual(['filtering the create event: Error: cannot say']);
  });
});

test('an update to another object of the same name is a deletion and a creation', () => {
  const seen: string[] = [];
  const { events } = rig({
    create: () => void seen.push('create'),
    update: () => void seen.push('update'),
    delete: ({ isStateUnknown }) => void seen.push(`delete ${isStateUnknown}`),
  });

  void events.update?.(object('a', '1', 'u1'), object('a', '2', 'u2'));

  expect(seen).toEqual(['delete true', 'create']);
});

test('an event without a function for its kind does nothing', () => {
  const { events, errors } = rig({});

  void events.add?.(object('a'), false);

  expect(errors).toEqual([]);
});

test('a synchronous queue keeps the whole event synchronous', () => {
  expect(rig().events.add?.(object('a'), false)).toBeUndefined();
});

test('a queue that answers later is awaited, and what it rejects with is reported', async () => {
  const { events, errors } = rig(enqueueSelf(), [], async () => {
    throw new Error('broker gone');
  });

  await events.add?.(object('a'), false);

  expect(errors).toEqual(['handling the create event: Error: broker gone']);
});
