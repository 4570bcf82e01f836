import type { ObjectLike } from '@kubeloop/cache-store';
import type { ReconcileCause } from './causes.ts';
import type { CreateEvent, DeleteEvent, GenericEvent, UpdateEvent } from './predicates.ts';
import type { Request } from './request.ts';
import { requestFor, requestKey } from './request.ts';

/** How a request enters the queue. */
export interface EnqueueOptions {
  /** Default: {@link lowPriority} for what was there already and for resyncs, else 0. Only a priority queue looks at it. */
  readonly priority?: number | undefined;
  /** How long it waits before it can be handed out. Default 0. */
  readonly afterMs?: number | undefined;
  /** Whether it waits as long as the rate limiter says. Default `false`. */
  readonly rateLimited?: boolean | undefined;
  /** What asked for it. Default: the event that is handled or, in a source, a generic event of it. */
  readonly cause?: ReconcileCause | undefined;
}

/** Puts a request into the controller's queue. What it returns, when it returns something, must be awaited. */
export type Enqueue = (request: Request, options?: EnqueueOptions) => void | Promise<void>;

/**
 * Turns events into requests, one function for each kind of event; a kind without a function enqueues nothing. A function
 * that throws is reported and stops nothing else.
 */
export interface EventHandler<T> {
  /** An object has appeared. */
  readonly create?: ((event: CreateEvent<T>, enqueue: Enqueue) => void | Promise<void>) | undefined;
  /** An object has changed. */
  readonly update?: ((event: UpdateEvent<T>, enqueue: Enqueue) => void | Promise<void>) | undefined;
  /** An object is gone. */
  readonly delete?: ((event: DeleteEvent<T>, enqueue: Enqueue) => void | Promise<void>) | undefined;
  /** Something outside the cluster concerns an object. */
  readonly generic?:
    | ((event: GenericEvent<T>, enqueue: Enqueue) => void | Promise<void>)
    | undefined;
}

/**
 * Says which requests an object concerns. At an update it is asked for the old object and for the new one, and the
 * requests of both are put together without duplicates, so that the one that lost the object hears of it too.
 */
export type MapFunction<T> = (
  object: T,
) => Iterable<Request> | Promise<Iterable<Request>> | undefined;

/** The priority of requests that tell nothing new: objects that were there already, and resyncs. */
export const lowPriority = -100;

/** Enqueues the requests that a {@link MapFunction} gives. */
export function enqueueMapped<T>(map: MapFunction<T>): EventHandler<T> {
  return {
    create: (event, enqueue) => enqueueAll(map, [event.object], enqueue),
    update: (event, enqueue) => enqueueAll(map, [event.old, event.new], enqueue),
    delete: (event, enqueue) => enqueueAll(map, [event.object], enqueue),
    generic: (event, enqueue) => enqueueAll(map, [event.object], enqueue),
  };
}

/** Enqueues a request for the object itself. An object without a name enqueues nothing. */
export function enqueueSelf<T extends ObjectLike>(): EventHandler<T> {
  return enqueueMapped((object) => (object?.metadata?.name ? [requestFor(object)] : []));
}

function enqueueAll<T>(
  map: MapFunction<T>,
  objects: readonly T[],
  enqueue: Enqueue,
): void | Promise<void> {
  const found = new FoundRequests();
  const waiting: Promise<void>[] = [];
  for (const object of objects) {
    try {
      const answer = map(object);
      if (isPromise(answer)) waiting.push(found.addLater(answer));
      else found.add(answer);
    } catch (error) {
      found.failed(error);
    }
  }
  if (waiting.length === 0) return found.send(enqueue);
  return Promise.all(waiting).then(() => found.send(enqueue));
}

/** The requests of one event, without duplicates, and what went wrong on the way to them. */
class FoundRequests {
  readonly #byKey = new Map<string, Request>();
  readonly #errors: unknown[] = [];

  add(requests: Iterable<Request> | undefined): void {
    for (const request of requests ?? []) {
      try {
        this.#byKey.set(requestKey(request), request);
      } catch (error) {
        this.failed(error);
      }
    }
  }

  async addLater(requests: Promise<Iterable<Request>>): Promise<void> {
    try {
      this.add(await requests);
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error: unknown): void {
    this.#errors.push(error);
  }

  /** Enqueues what was found, and throws what went wrong only then. */
  send(enqueue: Enqueue): void | Promise<void> {
    const answered = allOf(
      Array.from(this.#byKey.values(), (request) => this.#try(enqueue, request)),
    );
    return isPromise(answered) ? answered.then(() => this.#throwErrors()) : this.#throwErrors();
  }

  /** One request that the queue does not take must not keep the others from it. */
  #try(enqueue: Enqueue, request: Request): void | Promise<void> {
    try {
      const answer = enqueue(request);
      return isPromise(answer) ? answer.catch((error: unknown) => this.failed(error)) : answer;
    } catch (error) {
      return this.failed(error);
    }
  }

  #throwErrors(): void {
    if (this.#errors.length === 1) throw this.#errors[0];
    if (this.#errors.length > 1)
      throw new AggregateError(this.#errors, 'Several requests of one event failed');
  }
}

/** Waits for all answers, when there is anything to wait for. */
export function allOf(answers: readonly (void | Promise<void>)[]): void | Promise<void> {
  const pending: Promise<void>[] = [];
  for (const answer of answers) if (isPromise(answer)) pending.push(answer);
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
}

/** Whether a value has to be awaited. */
export function isPromise<V>(value: V | Promise<V>): value is Promise<V> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
