import { excerpt, refuseUnlessJson, type Answer } from './answer.ts';
import type { WatchEvent } from './api.ts';
import type { Behaviour } from './client-options.ts';
import { ConnectionError } from './connection-error.ts';
import { LineSplitter } from './line-splitter.ts';
import { dropManagedFields } from './managed-fields.ts';
import { messageOf } from './pem.ts';
import { isProtobuf } from './protobuf/negotiation.ts';

/** Reads events out of the bytes of a watch, wherever these are cut. */
export interface EventReader<T> {
  /** Takes the next bytes, and adds the events that they complete. @throws when they are no event; those before it were added */
  push(bytes: Buffer, events: WatchEvent<T>[]): void;
  /** The event that only the end of the watch completes. @throws ConnectionError when the watch ends in the middle of one */
  end(): WatchEvent<T> | undefined;
}

/** What an {@link EventReader} has to know. */
export interface EventReaderOptions {
  /** The address of the server, for messages. */
  readonly server: string;
  /** What is done, for messages: `watch pods`. */
  readonly action: string;
  readonly behaviour: Behaviour;
  /** Whether objects go without `metadata.managedFields`. */
  readonly omitManagedFields: boolean;
}

/** The reader for the form that an answer has. Rejects when it has none that a watch can have. */
export async function eventReaderOf<T>(
  answer: Answer,
  options: EventReaderOptions,
): Promise<EventReader<T>> {
  if (isProtobuf(answer)) return frameReader(options);
  await refuseUnlessJson(answer, options.server);
  return new LineReader(options);
}

/** Reads events in JSON, one a line. */
class LineReader<T> implements EventReader<T> {
  readonly #options: EventReaderOptions;
  readonly #lines: LineSplitter;

  constructor(options: EventReaderOptions) {
    const { server, action, behaviour } = options;
    this.#options = options;
    const what = `A line of server ${server} for "${action}"`;
    this.#lines = new LineSplitter(behaviour.maxObjectBytes, what);
  }

  push(bytes: Buffer, events: WatchEvent<T>[]): void {
    for (const line of this.#lines.push(bytes)) events.push(this.#parse(line));
  }

  /** A server that dies may end its answer properly in the middle of a line; that is a broken connection like any other. */
  end(): WatchEvent<T> | undefined {
    const rest = this.#lines.end();
    if (rest.trim() === '') return undefined;
    try {
      return this.#parse(rest);
    } catch (cause) {
      throw brokenOff(this.#options, 'a line', cause);
    }
  }

  #parse(line: string): WatchEvent<T> {
    const { server, action, omitManagedFields } = this.#options;
    try {
      const event: unknown = JSON.parse(line);
      if (isEvent<T>(event)) {
        if (omitManagedFields) dropManagedFields(event.object);
        return event;
      }
    } catch {
      // Said below, together with the line itself.
    }
    throw new Error(
      `Cannot ${action}: server ${server} sent a line that is no event: ${excerpt(line)}`,
    );
  }
}

/** Reads events in protobuf. What knows it is loaded by the first answer that needs it. */
async function frameReader<T>(options: EventReaderOptions): Promise<EventReader<T>> {
  const { FrameSplitter, readEvent } = await import('./protobuf/readers.ts');
  const { server, action, behaviour, omitManagedFields } = options;
  const what = `An event of server ${server} for "${action}"`;
  let read: WatchEvent<T>[] = [];
  const frames = new FrameSplitter(behaviour.maxObjectBytes, what, (frame) => {
    try {
      read.push(readEvent<T>(frame, omitManagedFields));
    } catch (cause) {
      throw new Error(
        `Cannot ${action}: server ${server} sent what is no event: ${messageOf(cause)}`,
        { cause },
      );
    }
  });
  return {
    push(bytes, events) {
      read = events;
      frames.push(bytes);
    },
    end() {
      if (!frames.isBetween) throw brokenOff(options, 'an event');
      return undefined;
    },
  };
}

function brokenOff(
  { server }: EventReaderOptions,
  what: string,
  reason?: unknown,
): ConnectionError {
  const cause = new Error(`the answer ends in the middle of ${what}`, { cause: reason });
  return new ConnectionError({
    server,
    action: 'read the answer of server',
    cause: Object.assign(cause, { code: 'ECONNRESET' }),
  });
}

/** The server's word is taken for what the object is; only what every consumer relies on is checked. */
function isEvent<T>(value: unknown): value is WatchEvent<T> {
  if (typeof value !== 'object' || value === null || !('type' in value && 'object' in value))
    return false;
  return (
    typeof value.type === 'string' && typeof value.object === 'object' && value.object !== null
  );
}
