import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Outbox } from '../src/outbox.ts';
import type { OutMessage, Publisher } from '../src/transport.ts';

/** Publishes nothing; the test settles. */
class ManualPublisher implements Publisher {
  readonly sent: { readonly message: OutMessage; readonly settle: (error?: unknown) => void }[] =
    [];

  publish(message: OutMessage, settle: (error?: unknown) => void): void {
    this.sent.push({ message, settle });
  }

  async close(): Promise<void> {}

  get bodies(): string[] {
    return this.sent.map(({ message }) => message.body);
  }

  confirm(index: number = 0): void {
    this.sent.splice(index, 1)[0]?.settle();
  }
}

const message = (body: string, priority: number = 0): OutMessage => ({
  exchange: 'work',
  routingKey: 'p0',
  body,
  headers: { pri: priority },
});

let refused: unknown[];
let outbox: Outbox;
let publisher: ManualPublisher;

beforeEach(() => {
  refused = [];
  outbox = new Outbox({ maxInFlight: 3, onRefused: (error) => refused.push(error) });
  publisher = new ManualPublisher();
});

/** Whether a promise has settled, and how. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  return Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    new Promise<string>((resolve) => {
      setImmediate(() => resolve('pending'));
    }),
  ]);
}

describe('Outbox', () => {
  test('resolves an addition when it is confirmed, not before', async () => {
    outbox.attach(publisher);
    const added = outbox.add('a', message('a'));
    expect(await stateOf(added)).toBe('pending');

    publisher.confirm();

    expect(await stateOf(added)).toBe('resolved');
    expect(outbox.size).toBe(0);
  });

  test('keeps one message for all additions of a key while there is no publisher', async () => {
    const first = outbox.add('a', message('a'));
    const second = outbox.add('a', message('a'));
    outbox.attach(publisher);

    expect(publisher.bodies).toEqual(['a']);
    publisher.confirm();
    expect(await Promise.all([first, second].map(stateOf))).toEqual(['resolved', 'resolved']);
  });

  test('publishes a key once more that was added after its message was sent', async () => {
    outbox.attach(publisher);
    void outbox.add('a', message('a'));
    const later = [outbox.add('a', message('a')), outbox.add('a', message('a'))];
    expect(publisher.bodies).toEqual(['a']);

    publisher.confirm();

    expect(publisher.bodies).toEqual(['a']);
    expect(await Promise.all(later.map(stateOf))).toEqual(['pending', 'pending']);
    publisher.confirm();
    expect(await Promise.all(later.map(stateOf))).toEqual(['resolved', 'resolved']);
    expect(publisher.bodies).toEqual([]);
  });

  test('has no more messages under way than it may', () => {
    outbox.attach(publisher);
    for (const key of ['a', 'b', 'c', 'd']) void outbox.add(key, message(key));
    expect(publisher.bodies).toEqual(['a', 'b', 'c']);

    publisher.confirm(1);

    expect(publisher.bodies).toEqual(['a', 'c', 'd']);
  });

  test('stops using a publisher that refused, and sends all again by the next, in order', async () => {
    outbox.attach(publisher);
    const added = ['a', 'b', 'c', 'd'].map((key) => outbox.add(key, message(key)));
    publisher.sent[1]?.settle(new Error('message nacked'));
    void outbox.add('e', message('e'));
    expect(refused).toHaveLength(1);
    publisher.sent[0]?.settle();
    expect(outbox.size).toBe(5);
    const next = new ManualPublisher();

    outbox.attach(next);

    expect(next.bodies).toEqual(['a', 'b', 'c']);
    while (next.sent.length > 0) next.confirm();
    expect(await Promise.all(added.map(stateOf))).toEqual(Array(4).fill('resolved'));
  });

  test('an addition after a message was sent is answered by the message that is sent again', async () => {
    outbox.attach(publisher);
    void outbox.add('a', message('a'));
    const later = outbox.add('a', message('a', 7));
    outbox.detach();
    const next = new ManualPublisher();

    outbox.attach(next);

    expect(next.sent.map((sent) => sent.message.headers)).toEqual([{ pri: 7 }]);
    next.confirm();
    expect(await stateOf(later)).toBe('resolved');
    expect(outbox.size).toBe(0);
  });

  test('holds back what is not sent while it is paused', () => {
    outbox.attach(publisher);
    outbox.pause(true);
    void outbox.add('a', message('a'));
    expect(publisher.bodies).toEqual([]);

    outbox.pause(false);

    expect(publisher.bodies).toEqual(['a']);
  });

  test('takes messages apart that are sent as they are', () => {
    outbox.attach(publisher);

    void outbox.send(message('a'));
    void outbox.send(message('a'));

    expect(publisher.bodies).toEqual(['a', 'a']);
  });

  test('is flushed when all is confirmed', async () => {
    outbox.attach(publisher);
    void outbox.add('a', message('a'));
    void outbox.add('a', message('a'));
    const flushed = outbox.flushed();

    publisher.confirm();
    expect(await stateOf(flushed)).toBe('pending');
    publisher.confirm();

    expect(await stateOf(flushed)).toBe('resolved');
  });

  test('rejects all that is not confirmed, and all that comes, when it is closed', async () => {
    outbox.attach(publisher);
    const first = outbox.add('a', message('a'));
    const again = outbox.add('a', message('a'));
    const flushed = outbox.flushed();

    outbox.close(new Error('closed'));

    const all = [first, again, flushed, outbox.add('b', message('b')), outbox.flushed()];
    expect(await Promise.all(all.map(stateOf))).toEqual(Array(5).fill('rejected'));
  });

  test('whatever happens, every addition is followed by a message that was sent after it and confirmed', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('confirm' as const), at: fc.nat(3) }),
      fc.record({ do: fc.constantFrom('refuse' as const, 'attach' as const, 'detach' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const box = new Outbox({ maxInFlight: 2, onRefused: () => {} });
        let time = 0;
        let current = new TimedPublisher(() => (time += 1));
        box.attach(current);
        const additions: { key: string; at: number; promise: Promise<void> }[] = [];
        const confirmed: { body: string; sentAt: number }[] = [];
        for (const next of steps) {
          if (next.do === 'add')
            additions.push({
              key: next.key,
              at: (time += 1),
              promise: box.add(next.key, message(next.key)),
            });
          else if (next.do === 'confirm') current.confirmInto(confirmed, next.at);
          else if (next.do === 'refuse') current.sent[0]?.settle(new Error('nack'));
          else if (next.do === 'detach') box.detach();
          else box.attach((current = new TimedPublisher(() => (time += 1))));
        }
        box.attach((current = new TimedPublisher(() => (time += 1))));
        while (current.sent.length > 0) current.confirmInto(confirmed, 0);

        await Promise.all(additions.map(({ promise }) => promise));
        expect(box.size).toBe(0);
        for (const { key, at } of additions)
          expect(confirmed.some(({ body, sentAt }) => body === key && sentAt > at)).toBe(true);
      }),
    );
  });
});

class TimedPublisher implements Publisher {
  readonly sent: { body: string; sentAt: number; settle: (error?: unknown) => void }[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  publish(out: OutMessage, settle: (error?: unknown) => void): void {
    this.sent.push({ body: out.body, sentAt: this.#now(), settle });
  }

  confirmInto(confirmed: { body: string; sentAt: number }[], index: number): void {
    const [entry] = this.sent.splice(index % Math.max(1, this.sent.length), 1);
    if (!entry) return;
    confirmed.push(entry);
    entry.settle();
  }

  async close(): Promise<void> {}
}
