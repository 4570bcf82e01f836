import { type Names, routingKeyOf } from './names.ts';
import { levelOf } from './ladder.ts';
import { partitionOf } from './partition.ts';
import type { Delivery, Headers, OutMessage } from './transport.ts';

/** What a message says of its key. */
export interface Facts {
  /** How often it has failed so far. */
  readonly attempts: number;
  /** Who has counted that: a name for the memory of one process, between two losses of it. */
  readonly counter: string | undefined;
  readonly priority: number;
  /** Not before this time, in milliseconds since 1970; 0: at once. */
  readonly dueEpochMs: number;
  /** How much of the delay is left when the message arrives, at most: clocks of processes may disagree, or be set. */
  readonly leftMs: number;
  /** Names the renewal that this message is the outcome of: the key may be in work while it arrives. */
  readonly renewal: string | undefined;
}

/** What a message without headers says. */
export const plainFacts: Facts = {
  attempts: 0,
  counter: undefined,
  priority: 0,
  dueEpochMs: 0,
  leftMs: 0,
  renewal: undefined,
};

/** Makes the messages of one queue. A message is a key and a few numbers; of objects there are none. */
export class Messages {
  readonly #names: Names;
  readonly #partitions: number;
  readonly #levelsMs: readonly number[];

  constructor(names: Names, partitions: number, levelsMs: readonly number[]) {
    this.#names = names;
    this.#partitions = partitions;
    this.#levelsMs = levelsMs;
  }

  /** Goes to the owner of the key. */
  work(key: string, facts: Facts): OutMessage {
    return this.#message(this.#names.work, key, facts);
  }

  /** Goes to the owner of the key after the longest level that is not longer than what is left of the delay; at once when none is. */
  later(key: string, facts: Facts): OutMessage {
    const levelMs = levelOf(facts.leftMs, this.#levelsMs);
    if (levelMs === undefined) return this.work(key, facts);
    const leftMs = facts.leftMs - levelMs;
    return this.#message(this.#names.delay(levelMs), key, { ...facts, leftMs });
  }

  /** Goes where given up keys are. */
  park(key: string, facts: Facts): OutMessage {
    return this.#message(this.#names.park, key, facts);
  }

  #message(exchange: string, key: string, facts: Facts): OutMessage {
    const routingKey = routingKeyOf(partitionOf(key, this.#partitions));
    return { exchange, routingKey, body: key, headers: headersOf(facts) };
  }
}

/** As many failures as a message is believed to tell of: a rate limiter counts up to them one by one, which must not take long. */
const mostAttempts = 100_000;

/** Reads the headers of a message. What is no number counts as none: anybody may publish to an exchange. */
export function factsOf({ headers }: Delivery): Facts {
  return {
    attempts: Math.min(Math.max(0, wholeOf(headers['att'])), mostAttempts),
    priority: wholeOf(headers['pri']),
    dueEpochMs: Math.max(0, wholeOf(headers['due'])),
    counter: textOf(headers['by']),
    leftMs: Math.max(0, wholeOf(headers['left'])),
    renewal: textOf(headers['ren']),
  };
}

/** How far clocks may disagree and be trusted. */
const clockSkewMs = 1000;

/** How long the key of a message is to wait yet. The time of day counts, unless a clock must have been set since the message was sent. */
export function leftOf(facts: Facts, epochMs: number): number {
  if (facts.dueEpochMs === 0) return 0;
  const byDueMs = facts.dueEpochMs - epochMs;
  return byDueMs > facts.leftMs + clockSkewMs ? facts.leftMs : byDueMs;
}

function headersOf(facts: Facts): Headers | undefined {
  if (facts === plainFacts) return undefined;
  const headers: Record<string, number | string> = {};
  if (facts.attempts > 0) {
    headers['att'] = facts.attempts;
    if (facts.counter !== undefined) headers['by'] = facts.counter;
  }
  if (facts.priority !== 0) headers['pri'] = facts.priority;
  if (facts.dueEpochMs > 0) {
    headers['due'] = Math.ceil(facts.dueEpochMs);
    headers['left'] = Math.ceil(facts.leftMs);
  }
  if (facts.renewal !== undefined) headers['ren'] = facts.renewal;
  return headers;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function wholeOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}
