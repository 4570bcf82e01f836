import type { ObjectLike } from '@kubeloop/cache-store';
import { metaNamespaceKeyFunc, splitMetaNamespaceKey } from '@kubeloop/cache-store';
import type { ReconcileCauses } from './causes.ts';
import type { ReconcileResult } from './controller-metrics.ts';
import type { Logger } from './logger.ts';

/** Which object to bring to its desired state. It says nothing about what happened to it: a reconciler reads the state itself. */
export interface Request {
  /** The object's namespace, or `""` when it is cluster-scoped. */
  readonly namespace: string;
  /** The object's name. */
  readonly name: string;
}

/**
 * What is to happen with a request after a reconcile that did not throw. An empty result, like none at all, forgets the
 * request's failures and leaves it alone until something changes.
 */
export interface Result {
  /**
   * Reconcile the request again after this many milliseconds. Its failures are forgotten first, so that the delay is
   * exactly this one. Zero means no such wish. Anything but a finite number of at least zero makes the reconcile fail.
   */
  readonly requeueAfterMs?: number | undefined;
  /**
   * Reconcile the request again after the delay that the rate limiter gives, as if it had failed, but without an error.
   * Ignored when `requeueAfterMs` is given too. controller-runtime has deprecated it: say how long with `requeueAfterMs`,
   * or throw.
   */
  readonly requeue?: boolean | undefined;
  /**
   * The priority of the requeue. Default: the priority with which the request was handed out. Only a priority queue
   * looks at it.
   */
  readonly priority?: number | undefined;
}

/** What a reconciler is given beside the request. */
export interface ReconcileContext {
  /**
   * Aborts when the reconcile runs longer than `reconcileTimeoutMs`, at shutdown once `gracefulShutdownTimeoutMs` is over,
   * and, with the queue's own reason, when a queue that several processes share takes the request back. Pass it to
   * everything that waits.
   */
  readonly signal: AbortSignal;
  /** A logger that adds the controller, the request and the reconcile's id to every entry. */
  readonly logger: Logger;
  /** The id of this one run; a UUID, also on every entry of `logger`. */
  readonly reconcileID: string;
  /** The priority with which the request was handed out, when the queue has priorities. */
  readonly priority: number | undefined;
  /** What asked for this run; `undefined` unless the setting `causes` is on or there is a tracer. */
  readonly causes?: ReconcileCauses | undefined;
}

/**
 * Brings one object to its desired state.
 *
 * It is called for one request at a time with the same key, and for up to `maxConcurrentReconciles` different ones. What
 * it throws is reported, counted, and leads to another run after a delay that grows with each failure, unless it is a
 * {@link TerminalError}.
 */
export type Reconciler = (
  request: Request,
  context: ReconcileContext,
) => Promise<Result | void> | Result | void;

/**
 * The key under which a request waits in the queue: `namespace/name`, or `name` when there is no namespace.
 *
 * @throws TypeError when the name is empty or one of the two is not a string
 */
export function requestKey(request: Request): string {
  const { namespace, name } = request ?? {};
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string')
    throw new TypeError(
      `Cannot make a key of the request ${JSON.stringify(request)}: it needs a namespace ("" for none) and a name`,
    );
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** What a result that makes sense comes to. */
export function resultOf({ requeueAfterMs = 0, requeue = false }: Result): ReconcileResult {
  if (requeueAfterMs > 0) return 'requeue_after';
  return requeue ? 'requeue' : 'success';
}

/** The request that waits in the queue under `key`; the reverse of {@link requestKey}. */
export function requestFromKey(key: string): Request {
  const { namespace, name } = splitMetaNamespaceKey(key);
  return { namespace, name };
}

/**
 * The request for an object itself.
 *
 * @throws KeyError when the object has no name
 */
export function requestFor(object: ObjectLike): Request {
  return requestFromKey(metaNamespaceKeyFunc(object));
}
