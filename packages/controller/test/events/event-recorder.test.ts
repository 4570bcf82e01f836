import { ConnectionError } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { EventServer, note, statusError, thing } from '../support/event-server.ts';

const down = new ConnectionError({ server: 'http://x', action: 'post', cause: new Error('gone') });

describe('an event', () => {
  test('is created in events.k8s.io/v1 with all that the API demands', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    recorder.event(thing(), { ...note(), type: 'Warning', related: thing('b') });
    await server.clock.settle();
    // The time in nanoseconds, of which the last six digits are a sequence that begins at random.
    const nanoseconds = BigInt(Date.UTC(2026, 0, 2, 3, 4, 5, 678)) * 1_000_000n + 500_001n;
    const name = `a.${nanoseconds.toString(16)}`;

    expect(server.calls).toEqual([
      {
        verb: 'create',
        namespace: 'ns',
        name,
        atMs: 0,
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { name, namespace: 'ns' },
          eventTime: '2026-01-02T03:04:05.678000Z',
          reportingController: 'greeting',
          reportingInstance: 'greeting-1',
          reason: 'Greeted',
          action: 'Greeting',
          note: 'hello',
          type: 'Warning',
          regarding: { apiVersion: 'v1', kind: 'Pod', name: 'a', namespace: 'ns', uid: 'uid-a' },
          related: { apiVersion: 'v1', kind: 'Pod', name: 'b', namespace: 'ns', uid: 'uid-b' },
        },
      },
    ]);
    await recorder.close();
  });

  test('about an object without a namespace is in the namespace default', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
    recorder.event(node, note());
    await server.clock.settle();

    expect(server.calls[0]?.namespace).toBe('default');
    expect(server.calls[0]?.body.regarding).toEqual({ apiVersion: 'v1', kind: 'Node', name: 'n1' });
    await recorder.close();
  });

  test('about an object whose name fits no event has a name of its own', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (const name of ['system:node', 'x'.repeat(250)]) recorder.event(thing(name), note());
    await server.clock.settle();

    for (const { name } of server.calls) expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]+){4}$/);
    expect(server.calls).toHaveLength(2);
    await recorder.close();
  });

  test('has its note cut at 1 KiB, between two characters', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    recorder.event(thing(), note('€'.repeat(400)));
    await server.clock.settle();

    expect(server.calls[0]?.body.note).toBe(`${'€'.repeat(340)}…`);
    await recorder.close();
  });

  test('is not waited for, and what cannot be recorded is reported and not thrown', async () => {
    const server = new EventServer();
    server.answer = new Promise(() => {});
    const recorder = server.recorder({ flushTimeoutMs: 0 });
    recorder.event(thing(), note());
    recorder.event({ metadata: { name: 'a' } }, note());
    // What a program in JavaScript can pass.
    recorder.event(undefined as never, note());
    recorder.event(thing(), undefined as never);
    recorder.event(thing(), { ...note(), action: '' });
    recorder.event(thing(), { ...note(), reason: 'x'.repeat(129) });
    recorder.event(thing(), { ...note(), type: 'Bad' as never });

    expect(server.log.messages('warn')).toHaveLength(6);
    expect(server.log.messages('warn')[0]).toBe(
      'An event cannot be recorded: Cannot record an event about {"name":"a"}: the object needs apiVersion, kind and a name',
    );
    expect(server.calls).toEqual([]);
  });
});

describe('an event that happens again', () => {
  test('becomes a series: its count is patched the second time, and later ones are counted', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let i = 0; i < 4; i += 1) {
      recorder.event(thing(), note());
      await server.clock.stepAsync(1000);
    }

    expect(server.verbs).toEqual(['create', 'patch 2']);
    expect(server.calls[1]?.body).toEqual({
      series: { count: 2, lastObservedTime: '2026-01-02T03:04:06.678000Z' },
    });
    await recorder.close();
    expect(server.verbs).toEqual(['create', 'patch 2', 'patch 4']);
  });

  test('while it waits to be created is created as a series', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let i = 0; i < 3; i += 1) recorder.event(thing(), note());
    await server.clock.settle();

    expect(server.verbs).toEqual(['create 3']);
    await recorder.close();
    expect(server.verbs).toEqual(['create 3']);
  });

  test('is the same although the version of its object is another', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (const resourceVersion of ['1', '2']) {
      const object = thing();
      recorder.event({ ...object, metadata: { ...object.metadata, resourceVersion } }, note());
      await server.clock.settle();
    }

    expect(server.verbs).toEqual(['create', 'patch 2']);
    await recorder.close();
  });

  test.each([
    ['object', thing('b'), note()],
    ['note', thing(), note('other')],
    ['reason', thing(), { ...note(), reason: 'Other' }],
    ['action', thing(), { ...note(), action: 'Other' }],
    ['type', thing(), { ...note(), type: 'Warning' as const }],
    ['related object', thing(), { ...note(), related: thing('b') }],
  ])('is another one when its %s is', async (_what, object, fields) => {
    const server = new EventServer();
    const recorder = server.recorder();
    recorder.event(thing(), note());
    recorder.event(object, fields);
    await server.clock.settle();

    expect(server.verbs).toEqual(['create', 'create']);
    await recorder.close();
  });

  test('is written every 30 minutes while it goes on', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let minute = 0; minute < 62; minute += 1) {
      recorder.event(thing(), note());
      await server.clock.stepAsync(60_000);
    }

    const patches = server.calls.slice(1);
    expect(patches.map(({ atMs }) => Math.round(atMs / 60_000))).toEqual([1, 31, 61]);
    await recorder.close();
  });

  test('closes its series after six minutes of silence, with the final count', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let i = 0; i < 5; i += 1) {
      recorder.event(thing(), note());
      await server.clock.settle();
    }
    await server.clock.stepAsync(359_999);
    expect(server.verbs).toEqual(['create', 'patch 2']);
    await server.clock.stepAsync(1);
    expect(server.verbs).toEqual(['create', 'patch 2', 'patch 5']);
    expect(server.clock.pending).toBe(0);

    recorder.event(thing(), note());
    await server.clock.settle();
    expect(server.verbs.at(-1)).toBe('create');
    expect(new Set(server.calls.map(({ name }) => name)).size).toBe(2);
    await recorder.close();
  });

  test('and has expired on the server is created again, as a series and without a version', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    recorder.event(thing(), note());
    await server.clock.settle();
    server.events.clear();
    recorder.event(thing(), note());
    await server.clock.settle();

    expect(server.verbs).toEqual(['create', 'patch 2', 'create 2']);
    expect(server.calls[2]?.body.metadata).not.toHaveProperty('resourceVersion');
    await recorder.close();
  });
});

describe('many similar events', () => {
  test('become one from the tenth note within ten minutes on', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let i = 1; i <= 12; i += 1) {
      recorder.event(thing(), note(`try ${i}`));
      await server.clock.stepAsync(1000);
    }

    const notes = server.calls.map(({ body }) => body.note);
    expect(notes.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `try ${i + 1}`));
    expect(notes[9]).toBe('(combined from similar events): try 10');
    expect(server.verbs.slice(9)).toEqual(['create', 'patch 2']);
    await recorder.close();
    expect(server.verbs.slice(9)).toEqual(['create', 'patch 2', 'patch 3']);
  });

  test('are told one by one again after ten minutes of silence', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let i = 1; i <= 10; i += 1) recorder.event(thing(), note(`try ${i}`));
    await server.clock.stepAsync(600_001);
    recorder.event(thing(), note('try 11'));
    await server.clock.settle();

    expect(server.calls.at(-1)?.body.note).toBe('try 11');
    await recorder.close();
  });

  test('about one object are limited to 25 writes and then one in five minutes', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    const other = (i: number) => ({ ...note(), reason: `Reason${i}` });
    for (let i = 0; i < 30; i += 1) recorder.event(thing(), other(i));
    await server.clock.settle();
    expect([server.calls.length, recorder.counters.suppressed]).toEqual([25, 5]);

    await server.clock.stepAsync(300_000);
    recorder.event(thing(), other(31));
    recorder.event(thing(), other(32));
    recorder.event(thing('b'), other(33));
    await server.clock.settle();
    expect(server.calls.slice(25).map(({ body }) => body.reason)).toEqual(['Reason31', 'Reason33']);
    await recorder.close();
  });
});

describe('a failure', () => {
  test.each([
    ['an unreachable server', down],
    ['an overloaded server', statusError(429, 'TooManyRequests')],
    ['a broken server', statusError(500, 'InternalError')],
  ])('of %s is tried again, the first time after a random delay', async (_what, failure) => {
    const server = new EventServer();
    server.failures.push(failure, failure);
    const recorder = server.recorder();
    recorder.event(thing(), note());
    await server.clock.stepAsync(20_000);

    expect(server.calls.map(({ atMs }) => atMs)).toEqual([0, 5000, 15_000]);
    expect(recorder.counters).toMatchObject({ written: 1, lost: 0 });
    await recorder.close();
  });

  test.each([
    ['warn', statusError(403, 'Forbidden')],
    ['warn', statusError(422, 'Invalid')],
    ['warn', new TypeError('cannot be sent')],
    ['debug', statusError(409, 'AlreadyExists')],
    ['debug', statusError(403, 'Forbidden', 'NamespaceTerminating')],
  ] as const)('that would come again drops the event at once (%s: %s)', async (level, failure) => {
    const server = new EventServer();
    server.failures.push(failure);
    const recorder = server.recorder();
    recorder.event(thing(), note());
    await server.clock.stepAsync(60_000);

    expect([server.calls.length, recorder.counters.lost]).toEqual([1, 1]);
    expect(server.log.messages(level)).toHaveLength(1);
    await recorder.close();
  });

  test('is given up after twelve tries, and the next event begins anew', async () => {
    const server = new EventServer();
    server.outage = down;
    const recorder = server.recorder();
    recorder.event(thing(), note());
    await server.clock.stepAsync(200_000);
    expect([server.calls.length, recorder.counters.lost]).toEqual([12, 1]);

    server.outage = undefined;
    recorder.event(thing(), note());
    await server.clock.settle();
    expect(server.verbs.at(-1)).toBe('create');
    expect(recorder.counters.written).toBe(1);
    await recorder.close();
  });

  test('whose answer alone was lost counts as a success when the event turns out to exist', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    server.failures.push(down, statusError(409, 'AlreadyExists'));
    recorder.event(thing(), note());
    await server.clock.stepAsync(10_000);

    expect(recorder.counters).toMatchObject({ written: 1, lost: 0 });
    await recorder.close();
  });
});

describe('the queue', () => {
  test('keeps a thousand events over a transient failure, in order', async () => {
    const server = new EventServer();
    server.failures.push(down, down, down);
    const recorder = server.recorder();
    for (let i = 0; i < 1000; i += 1) recorder.event(thing(`p${i}`), note());
    await server.clock.stepAsync(60_000);

    expect([server.events.size, recorder.counters.dropped]).toEqual([1000, 0]);
    expect([...server.events.values()].map(({ regarding }) => regarding?.name)).toEqual(
      Array.from({ length: 1000 }, (_, i) => `p${i}`),
    );
    await recorder.close();
  });

  test('drops what it has no place for and never waits', async () => {
    const server = new EventServer();
    server.outage = down;
    const recorder = server.recorder({ flushTimeoutMs: 0 });
    for (let i = 0; i < 1010; i += 1) recorder.event(thing(`p${i}`), note());

    expect(recorder.counters).toMatchObject({ queued: 1000, dropped: 10 });
    await recorder.close();
    expect(server.clock.pending).toBe(0);
  });
});

describe('the close', () => {
  test('writes what waits, then takes nothing more', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    recorder.event(thing(), note());
    await recorder.close();
    recorder.event(thing('b'), note());
    await recorder.close();

    expect(server.verbs).toEqual(['create']);
    expect(recorder.counters).toMatchObject({ written: 1, dropped: 1 });
    expect(server.clock.pending).toBe(0);
  });

  test('ends a wait for the next try, tries once more, and gives up', async () => {
    const server = new EventServer();
    server.outage = down;
    const recorder = server.recorder();
    recorder.event(thing(), note());
    recorder.event(thing('b'), note());
    await server.clock.stepAsync(1);
    await recorder.close();

    expect(server.calls.map(({ body }) => body.regarding?.name)).toEqual(['a', 'a', 'b']);
    expect([recorder.counters.lost, server.clock.pending]).toEqual([2, 0]);
  });

  test('gives up a call that does not end in time', async () => {
    const server = new EventServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.answer = promise;
    const recorder = server.recorder();
    recorder.event(thing(), note());
    recorder.event(thing('b'), note());
    await server.clock.settle();
    const closed = recorder.close();
    await server.clock.stepAsync(2000);
    resolve();
    await closed;

    expect([server.calls.length, recorder.counters.lost]).toEqual([1, 2]);
    expect(server.clock.pending).toBe(0);
  });

  test('comes with the abort of the signal', async () => {
    const server = new EventServer();
    const stop = new AbortController();
    const recorder = server.recorder({ signal: stop.signal });
    recorder.event(thing(), note());
    stop.abort();
    recorder.event(thing('b'), note());
    await recorder.close();

    expect(recorder.counters).toMatchObject({ written: 1, dropped: 1 });
    const late = server.recorder({ signal: stop.signal });
    late.event(thing(), note());
    expect(late.counters.dropped).toBe(1);
  });

  test('can come at any moment of the recording, several times, and loses only what it says', async () => {
    const server = new EventServer();
    const recorder = server.recorder();
    for (let i = 0; i < 50; i += 1) recorder.event(thing(`p${i}`), note());
    await server.clock.settle();
    const closes = [recorder.close()];
    for (let i = 50; i < 60; i += 1) recorder.event(thing(`p${i}`), note());
    closes.push(recorder.close(), recorder[Symbol.asyncDispose]());
    await Promise.all(closes);

    const { written, dropped, lost } = recorder.counters;
    expect([written, dropped, lost, server.events.size]).toEqual([50, 10, 0, 50]);
  });
});

test('names that are no qualified names and numbers out of range are refused', () => {
  const server = new EventServer();

  expect(() => server.recorder({ name: 'not good' })).toThrow(
    'Cannot record events as "not good": it must be a qualified name, such as greeting or example.com/greeting',
  );
  expect(() => server.recorder({ name: 'example.com/greeting' })).not.toThrow();
  expect(() => server.recorder({ queueSize: 0 })).toThrow(RangeError);
  expect(() => server.recorder({ flushTimeoutMs: Number.NaN })).toThrow(RangeError);
  // What a program in JavaScript can pass.
  expect(() => server.recorder({ client: undefined as never })).toThrow('as this client');
});
