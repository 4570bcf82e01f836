import type { ObjectLike } from '@kubeloop/cache-store';
import { metaNamespaceKey } from '@kubeloop/cache-store';
import type { Enqueue } from '../event-handler.ts';
import { isPromise } from '../event-handler.ts';
import type { Logger } from '../logger.ts';
import type { UpdateEvent } from '../predicates.ts';
import { requestKey } from '../request.ts';
import { OwnRun } from './own-run.ts';

/** So many versions are remembered; events of older ones ask for a reconcile, which is always right. */
const mostVersions = 10_000;

/** So many own writes in a row may be told as one event. */
const mostInARow = 100;

interface Written {
  readonly base: string;
  /** The request whose reconcile wrote it. */
  readonly request: string;
}

interface Change {
  readonly object: string;
  readonly uid: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Tells the events of a controller's own writes from all others, so that a reconcile does not ask for the next one.
 *
 * A write that insists on a version and succeeds has made the next version of exactly that one: the server compares and
 * writes in one step. An update is therefore an own event of a request when such writes of its reconciles lead from the
 * version that the cache showed before to the one that it shows now, without a gap in which anybody else could have
 * written. Whatever cannot be proven so counts as an event of others.
 */
export class OwnEvents {
  /** What reconciles have written, by uid and version, the oldest first. */
  readonly #written = new Map<string, Written>();
  /** The reconciles that run, by request; there are never two of one. */
  readonly #runs = new Map<string, OwnRun>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A reconcile of a request begins. */
  begin(request: string): OwnRun {
    const run = new OwnRun({
      onWritten: ({ uid, version, base }) => this.#remember(`${uid} ${version}`, { base, request }),
      onEnd: () => this.#runs.delete(request),
    });
    this.#runs.set(request, run);
    return run;
  }

  /** Enqueues what an update asks for, except the request whose own write it is. */
  filter(event: UpdateEvent<ObjectLike>, enqueue: Enqueue): Enqueue {
    if (this.#runs.size === 0 && this.#written.size === 0) return enqueue;
    const change = changeOf(event);
    if (!change) return enqueue;
    return (request, options) =>
      this.#pass(change, requestKey(request), () => enqueue(request, options));
  }

  #pass(
    change: Change,
    request: string,
    enqueue: () => void | Promise<void>,
  ): void | Promise<void> {
    if (this.#isOwn(change, request)) {
      const { object, to: resourceVersion } = change;
      this.#logger.debug('The event of an own write is left out', {
        request,
        object,
        resourceVersion,
      });
      return undefined;
    }
    const release = (): void => this.#passLate(change, request, enqueue);
    if (this.#runs.get(request)?.hold(change.object, release)) return undefined;
    return enqueue();
  }

  /** Nobody waits for it any more. */
  #passLate(change: Change, request: string, enqueue: () => void | Promise<void>): void {
    const failed = (error: unknown): void =>
      this.#logger.error('A request that was held back could not be enqueued', { request, error });
    try {
      const answer = this.#pass(change, request, enqueue);
      if (isPromise(answer)) answer.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #isOwn({ uid, from, to }: Change, request: string): boolean {
    let version = to;
    for (let count = 0; count < mostInARow; count += 1) {
      const written = this.#written.get(`${uid} ${version}`);
      if (written?.request !== request) return false;
      if (written.base === from) return true;
      version = written.base;
    }
    return false;
  }

  #remember(version: string, written: Written): void {
    this.#written.set(version, written);
    if (this.#written.size <= mostVersions) return;
    const [oldest] = this.#written.keys();
    if (oldest !== undefined) this.#written.delete(oldest);
  }
}

/** `undefined` for what does not say what it was and is. */
function changeOf({ old, new: current }: UpdateEvent<ObjectLike>): Change | undefined {
  const from = old.metadata?.resourceVersion;
  const { uid, resourceVersion: to, name = '', namespace = '' } = current.metadata ?? {};
  if (!uid || uid !== old.metadata?.uid || !from || !to) return undefined;
  return { object: metaNamespaceKey(namespace, name), uid, from, to };
}
