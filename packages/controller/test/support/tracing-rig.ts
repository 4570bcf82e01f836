import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, ContextManager, Tracer } from '@opentelemetry/api';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** A context manager as that of OpenTelemetry's SDK for Node.js. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => run.apply(thisArg, args));
  }

  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}

/** A tracer of the real SDK, and the spans that have ended. */
export interface TracingRig {
  readonly tracer: Tracer;
  readonly spans: () => readonly ReadableSpan[];
  /** The spans whose name begins so. */
  readonly named: (start: string) => readonly ReadableSpan[];
}

/** Makes a tracer, and makes active spans follow what is awaited. */
export function tracingRig(): TracingRig {
  context.setGlobalContextManager(new AsyncContexts());
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  const named = (start: string): readonly ReadableSpan[] =>
    spans().filter(({ name }) => name.startsWith(start));
  return { tracer: provider.getTracer('test'), spans, named };
}
