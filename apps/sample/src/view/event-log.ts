import { DeletedFinalStateUnknown, type ObjectLike } from '@kubeloop/cache-store';
import { consoleLogger, type Logger } from '@kubeloop/controller';
import type { SharedInformer } from '@kubeloop/informer';
import type { Caches } from '../web-app/caches.ts';

/** One thing that happened in the cluster. */
export interface LoggedEvent {
  /** Milliseconds since the log began. */
  readonly atMs: number;
  readonly text: string;
}

/** Remembers the latest changes that the caches showed. */
export class EventLog {
  readonly #limit: number;
  readonly #startedMs = performance.now();
  readonly #events: LoggedEvent[] = [];

  /** @param limit - how many events are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The events that are kept, the oldest first. */
  get events(): readonly LoggedEvent[] {
    return this.#events;
  }

  /** Listens to every cache. */
  follow(caches: Caches): void {
    for (const informer of Object.values(caches)) this.#followOne(informer);
  }

  /** A logger whose warnings and errors become entries, without their stack traces. */
  logger(): Logger {
    const add = (text: unknown): void => this.add(String(text).split('\n', 1).join(''));
    const ignore = (): void => {};
    return consoleLogger({
      level: 'warn',
      console: { debug: ignore, info: ignore, warn: add, error: add },
    });
  }

  /** Adds an entry. */
  add(text: string): void {
    this.#events.push({ atMs: performance.now() - this.#startedMs, text });
    if (this.#events.length > this.#limit) this.#events.shift();
  }

  #followOne<T extends ObjectLike>(informer: SharedInformer<T>): void {
    informer.addEventHandler({
      add: (object) => this.add(`${titleOf(object)} appeared`),
      update: (before, after) => {
        if (before.metadata?.resourceVersion === after.metadata?.resourceVersion) return;
        this.add(`${titleOf(after)} ${whatChanged(before, after)}`);
      },
      delete: (gone) =>
        this.add(`${DeletedFinalStateUnknown.is(gone) ? gone.key : titleOf(gone)} is gone`),
    });
  }
}

function titleOf(object: ObjectLike): string {
  return `${object.kind ?? 'Object'} ${object.metadata?.name ?? ''}`;
}

function whatChanged(before: ObjectLike, after: ObjectLike): string {
  if (
    before.metadata?.deletionTimestamp === undefined &&
    after.metadata?.deletionTimestamp !== undefined
  )
    return 'is to be deleted';
  return before.metadata?.generation === after.metadata?.generation
    ? 'has a new status'
    : `has a new spec (generation ${after.metadata?.generation ?? '?'})`;
}
