import type { ObjectLike } from '@kubeloop/cache-store';
import type { Clock } from '@kubeloop/ratelimiter';
import type { Enqueue } from './event-handler.ts';
import type { Logger } from './logger.ts';
import type { UpdateEvent } from './predicates.ts';

/** What a source works with from its start to its stop. */
export interface SourceContext {
  /** Puts a request into the controller's queue. What it returns, when it returns something, must be awaited. */
  readonly enqueue: Enqueue;
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal;
  /** A logger that adds the controller and the source to every entry. */
  readonly logger: Logger;
  /** Whether requests are to carry their `cause`. Default no: nobody looks at it. */
  readonly wantsCauses?: boolean | undefined;
  /**
   * Makes of `enqueue` one that leaves out the request whose own write an update is. It is there when the controller has
   * `skipOwnEvents` set. Default: nothing is left out.
   */
  readonly skipOwn?: ((event: UpdateEvent<ObjectLike>, enqueue: Enqueue) => Enqueue) | undefined;
  /** The controller's clock. Default: that of the process. */
  readonly clock?: Clock | undefined;
  /** Reports what a predicate, map function or event handler threw; `object` is the key of the object it was about. */
  readonly onHandlerError: (error: unknown, action: string, object?: string) => void;
}

/** How far a source is. */
export interface SourceDescription {
  /** The source's name. */
  readonly name: string;
  /** Whether all that was there at the start has been handed to the queue. */
  readonly isSynced: boolean;
  /** What went wrong last; `undefined` when nothing did, or when anything has come through since. */
  readonly lastError: unknown;
}

/** Where a controller's requests come from. */
export interface Source {
  /** Names the source in reports. */
  readonly name: string;
  /**
   * Begins to enqueue requests, and resolves when all that was there at the start has been handed to the queue. It is
   * called once and keeps trying by itself. When it rejects, it is called again after a delay.
   */
  start(context: SourceContext): Promise<void>;
  /** Ends it: resolves when nothing of it runs any more and nothing will be enqueued. Harmless before the start. */
  stop(): Promise<void>;
  /** How far it is. */
  describe(): SourceDescription;
}
