import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import type { KubeObject } from './answer.ts';

/** One line of a watch. `ERROR` carries a Status, whose members are looked at by matching. */
export interface RawEvent {
  readonly type: string;
  readonly object: KubeObject;
}

/** The events of one watch, in the order in which the server sent them. */
export class WatchStream implements AsyncDisposable {
  /** The HTTP status code. */
  readonly code: number;
  /** The headers, names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly #message: IncomingMessage;
  readonly #lines: AsyncGenerator<RawEvent>;
  /** The last call of `next`, so that one that was given up does not lose its event. */
  #pending: Promise<IteratorResult<RawEvent>> | undefined;

  /** Takes over an answer of which nothing was read. */
  constructor(message: IncomingMessage) {
    this.code = message.statusCode ?? 0;
    this.headers = message.headers;
    this.#message = message;
    this.#lines = eventsOf(message);
  }

  /**
   * The next event; `undefined` when the server has ended the watch.
   * Throws an `Error` when neither happens within the given time, 10 s by default.
   */
  async next(timeoutMs = 10_000): Promise<RawEvent | undefined> {
    this.#pending ??= this.#lines.next();
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => deadline.reject(new Error(`No event within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      const result = await Promise.race([this.#pending, deadline.promise]);
      this.#pending = undefined;
      return result.done === true ? undefined : result.value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next so many events. Throws an `Error` when the watch ends before. */
  async take(count: number): Promise<RawEvent[]> {
    const events: RawEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined)
        throw new Error(`The watch ended after ${events.length} of ${count} events`);
      events.push(event);
    }
    return events;
  }

  /** The events up to and with the first that fits. Throws an `Error` when the watch ends before. */
  async takeUntil(fits: (event: RawEvent) => boolean): Promise<RawEvent[]> {
    const events: RawEvent[] = [];
    for (;;) {
      const [event] = await this.take(1);
      // `take` gave exactly one.
      events.push(event!);
      if (fits(event!)) return events;
    }
  }

  /** All events up to the end, which the server makes. */
  async rest(): Promise<RawEvent[]> {
    const events: RawEvent[] = [];
    for (let event = await this.next(); event !== undefined; event = await this.next())
      events.push(event);
    return events;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#message.destroy();
    await this.#pending?.catch(() => undefined);
  }
}

async function* eventsOf(message: IncomingMessage): AsyncGenerator<RawEvent> {
  message.setEncoding('utf8');
  let rest = '';
  for await (const chunk of message) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    // The lines of a watch are events.
    for (const line of lines) if (line !== '') yield JSON.parse(line) as RawEvent;
  }
}

/** An event in short: `ADDED a`, or its type and version where it has no name. */
export function shortly(event: RawEvent): string {
  const { name, resourceVersion } = event.object.metadata;
  return `${event.type} ${name ?? resourceVersion}`;
}
