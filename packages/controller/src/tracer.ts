/**
 * What makes spans: the part of `Tracer` of `@opentelemetry/api` that is used here, so that `trace.getTracer('…')` fits
 * and nothing of OpenTelemetry is imported. What it throws is reported and stops nothing.
 */
export interface Tracer {
  /** Makes a span that is not active. */
  startSpan(name: string, options?: TraceSpanOptions): TraceSpan;
  /** Makes a span that is active while `run` and what it awaits run. The caller ends it. */
  startActiveSpan<F extends (span: TraceSpan) => unknown>(
    name: string,
    options: TraceSpanOptions,
    run: F,
  ): ReturnType<F>;
}

/** What a span of a {@link Tracer} begins with. */
export interface TraceSpanOptions {
  /** The numbers of OpenTelemetry's `SpanKind`: 3 is a producer, 4 a consumer. */
  readonly kind?: 3 | 4;
  /** Whether it is nobody's child, whatever span is active. */
  readonly root?: boolean;
  /** The facts it begins with. */
  readonly attributes?: Record<string, string | number | boolean>;
  /** The spans it comes from without being their child. */
  readonly links?: { readonly context: TraceSpanContext }[];
}

/** The part of OpenTelemetry's `SpanContext` that names a span. */
export interface TraceSpanContext {
  /** 32 hexadecimal digits, all zero without a trace. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether it is recorded, among others. */
  readonly traceFlags: number;
}

/** The part of OpenTelemetry's `Span` that is used here. */
export interface TraceSpan {
  /** Names it. */
  spanContext(): TraceSpanContext;
  /** Sets one fact. */
  setAttribute(name: string, value: string | number | boolean): unknown;
  /** Sets how it went; the code 2 is an error. */
  setStatus(status: { readonly code: 2; readonly message?: string }): unknown;
  /** Adds what was thrown. */
  recordException(error: Error | string): unknown;
  /** Ends it. */
  end(): unknown;
}
