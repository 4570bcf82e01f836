import { callSafely } from '@kubeloop/workqueue/engine';
import type { Logger } from './logger.ts';
import type { ReconcileCause } from './causes.ts';
import type { ReconcileResult } from './controller-metrics.ts';
import { describeError } from './logger.ts';
import type { Request, Result } from './request.ts';
import { requestFromKey, resultOf } from './request.ts';
import type { TraceSpan, TraceSpanContext, Tracer } from './tracer.ts';

/** What a {@link ReconcileTracing} works with. */
export interface ReconcileTracingOptions {
  readonly tracer: Tracer;
  /** The name of the controller. */
  readonly controller: string;
  /** Hears what the tracer threw. */
  readonly onError: (error: unknown) => void;
}

/** A reconcile that begins. */
export interface TracedReconcile {
  readonly request: Request;
  readonly reconcileID: string;
  readonly priority: number | undefined;
  readonly causes: readonly ReconcileCause[];
}

type Attributes = Record<string, string | number | boolean>;

const noTrace = '0'.repeat(32);
const [producer, consumer, errorCode] = [3, 4, 2] as const;

/** Makes the spans of one controller: one for each event that asks for a reconcile, one for each reconcile. */
export class ReconcileTracing {
  readonly #options: ReconcileTracingOptions;
  /** The spans that causes stand for; gone with the causes. */
  readonly #spans = new WeakMap<ReconcileCause, TraceSpanContext>();

  constructor(options: ReconcileTracingOptions) {
    this.#options = options;
  }

  /**
   * Makes a short span for an event, once however many requests it leads to. It is nobody's child when a source told of
   * it, since what is active then is whatever started the manager.
   */
  event(cause: ReconcileCause): void {
    if (cause.type === 'requeue' || this.#spans.has(cause)) return;
    const { tracer, controller } = this.#options;
    const { type, source, object, resourceVersion } = cause;
    this.#guard(() => {
      const attributes: Attributes = {
        'kubeloop.controller': controller,
        'kubeloop.event.type': type,
        ...(source !== undefined && { 'kubeloop.source': source }),
        ...(resourceVersion !== undefined && { 'k8s.object.resource_version': resourceVersion }),
        ...(object !== undefined && objectAttributes(requestFromKey(object))),
      };
      const root = source !== undefined;
      const span = tracer.startSpan(`event ${controller}`, { kind: producer, root, attributes });
      span.end();
      this.follow(cause, span.spanContext());
    });
  }

  /** Says which span a cause stands for. */
  follow(cause: ReconcileCause, span: TraceSpanContext | undefined): void {
    if (span && span.traceId !== noTrace) this.#spans.set(cause, span);
  }

  /**
   * Runs a reconcile inside a span that is linked to its causes. `run` is told the span, unless there is none because the
   * tracer failed or nothing collects spans, and is called once in any case.
   *
   * @throws what `run` throws
   */
  reconcile(
    traced: TracedReconcile,
    run: (span: TraceSpanContext | undefined) => Promise<Result>,
  ): Promise<Result> {
    const { tracer, controller } = this.#options;
    const { request, reconcileID, priority, causes } = traced;
    const links: { readonly context: TraceSpanContext }[] = [];
    for (const cause of causes) {
      const context = this.#spans.get(cause);
      if (context) links.push({ context });
    }
    const attributes: Attributes = {
      ...objectAttributes(request),
      'kubeloop.controller': controller,
      'kubeloop.reconcile.id': reconcileID,
      ...(priority !== undefined && { 'kubeloop.reconcile.priority': priority }),
    };
    const options = { kind: consumer, root: true, attributes, links };
    let answer: Promise<Result> | undefined;
    this.#guard(() =>
      tracer.startActiveSpan(`reconcile ${controller}`, options, (span) => {
        // A tracer that calls back twice, or when the reconcile is under way without it, starts no other.
        answer ??= this.#inSpan(span, run);
      }),
    );
    answer ??= run(undefined);
    return answer;
  }

  async #inSpan(
    span: TraceSpan,
    run: (span: TraceSpanContext | undefined) => Promise<Result>,
  ): Promise<Result> {
    const ended = (result: ReconcileResult): unknown =>
      span.setAttribute('kubeloop.reconcile.result', result);
    try {
      const result = await run(this.#contextOf(span));
      this.#guard(() => ended(resultOf(result)));
      return result;
    } catch (error) {
      this.#guard(() => {
        ended('error');
        const type = error instanceof Error ? error.name : typeof error;
        span.setAttribute('error.type', type);
        span.recordException(error instanceof Error ? error : String(error));
        span.setStatus({ code: errorCode, message: describeError(error) });
      });
      throw error;
    } finally {
      this.#guard(() => span.end());
    }
  }

  #contextOf(span: TraceSpan): TraceSpanContext | undefined {
    let context: TraceSpanContext | undefined;
    this.#guard(() => (context = span.spanContext()));
    return context?.traceId === noTrace ? undefined : context;
  }

  #guard(call: () => unknown): void {
    callSafely(call, this.#options.onError);
  }
}

function objectAttributes({ namespace, name }: Request): Attributes {
  return { ...(namespace !== '' && { 'k8s.namespace.name': namespace }), 'k8s.object.name': name };
}

/** What makes the spans of a controller; `undefined` without a tracer. */
export function tracingOf(
  { tracer, name }: { readonly tracer?: Tracer | undefined; readonly name: string },
  logger: Logger,
): ReconcileTracing | undefined {
  if (!tracer) return undefined;
  const onError = (error: unknown): void => logger.error('The tracer threw', { error });
  return new ReconcileTracing({ tracer, controller: name, onError });
}
