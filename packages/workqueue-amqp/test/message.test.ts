import { describe, expect, test } from 'vitest';
import { type Facts, factsOf, Messages, plainFacts } from '../src/message.ts';
import { namesOf } from '../src/names.ts';
import type { Delivery, Headers } from '../src/transport.ts';

const messages = new Messages(namesOf('pods', 16), 16, [1000, 4000, 16_000]);
const delivery = (headers: Delivery['headers']): Delivery => ({
  tag: 1,
  body: 'a',
  isRedelivered: false,
  headers,
});
const roundTrip = (headers: Headers | undefined): Facts => factsOf(delivery(headers ?? {}));

describe('Messages', () => {
  test('a plain addition is the key and nothing else', () => {
    expect(messages.work('default/web', plainFacts)).toEqual({
      exchange: 'wq.pods.v1.n16',
      routingKey: 'p4',
      body: 'default/web',
      headers: undefined,
    });
  });

  test('what a message says is read as it was written', () => {
    const facts: Facts = {
      attempts: 3,
      counter: 'x-1',
      priority: -7,
      dueEpochMs: 1_700_000_000_000,
      leftMs: 300,
      renewal: 'r-1',
    };

    expect(roundTrip(messages.work('a', facts).headers)).toEqual(facts);
    expect(roundTrip(messages.work('a', plainFacts).headers)).toEqual(plainFacts);
  });

  test.each([
    [999, 'wq.pods.v1.n16', 999],
    [1000, 'wq.pods.v1.n16.delay.1000', 0],
    [3999, 'wq.pods.v1.n16.delay.1000', 2999],
    [4000, 'wq.pods.v1.n16.delay.4000', 0],
    [5500, 'wq.pods.v1.n16.delay.4000', 1500],
    [100_000, 'wq.pods.v1.n16.delay.16000', 84_000],
  ])('a delay of %d ms goes to %s, with %d ms left behind it', (leftMs, exchange, after) => {
    const sent = messages.later('default/web', { ...plainFacts, dueEpochMs: 5, leftMs });

    expect([sent.exchange, sent.routingKey, sent.headers?.['left']]).toEqual([
      exchange,
      'p4',
      after,
    ]);
  });

  test('a delay is never shortened by rounding', () => {
    const facts = { ...plainFacts, dueEpochMs: 1000.2, leftMs: 10.2 };

    expect(messages.work('a', facts).headers).toMatchObject({ due: 1001, left: 11 });
  });
});

describe('factsOf', () => {
  test('takes headers that nobody of us has written for none', () => {
    const headers = { att: 'many', due: -5, pri: 0.5, left: null, ren: 7, by: {}, 'x-death': [] };

    expect(factsOf(delivery(headers))).toEqual(plainFacts);
  });

  test('believes no number of failures that would take long to count', () => {
    expect(factsOf(delivery({ att: Number.MAX_SAFE_INTEGER })).attempts).toBe(100_000);
  });
});
