import type { Clock } from '@kubeloop/ratelimiter';
import { messageOf } from './pem.ts';

/** One try of a request, which was answered or failed. */
export interface RequestTry {
  /** The HTTP method. */
  readonly method: string;
  /** Host and port of the server, the port only where it is not that of the scheme. */
  readonly host: string;
  /** The status code, or `<error>` when there was no answer, as client-go has it. */
  readonly code: string;
  /** Whether a try of the same call came before. */
  readonly isRetry: boolean;
}

/** How long something of a call took. */
export interface RequestDuration {
  /** The HTTP method. */
  readonly method: string;
  /** As in {@link RequestTry.host}. */
  readonly host: string;
  /** In milliseconds. */
  readonly durationMs: number;
}

/** How large the body of a request or of an answer is. */
export interface RequestSize {
  /** The HTTP method. */
  readonly method: string;
  /** As in {@link RequestTry.host}. */
  readonly host: string;
  /** In bytes, without compression; zero for none. */
  readonly bytes: number;
}

/** The look-up of a name. */
export interface NameLookup {
  /** The name of the server, or of the proxy, without a port. */
  readonly host: string;
  /** In milliseconds. */
  readonly durationMs: number;
}

/**
 * Who is told of a client's requests; the moments are those of client-go's `rest/request.go`. Every member may be left out.
 *
 * The calls are synchronous and must be quick. One that throws changes no request; the first failure becomes a process
 * warning.
 */
export interface RequestMetrics {
  /** A try was answered, or failed. Told of each try of calls and watches, those that were given up included. */
  tried?(request: RequestTry): void;
  /** A call has ended, well or not: from its beginning to the last byte of its answer, waits and tries included. Not told of watches. */
  completed?(call: RequestDuration): void;
  /** A try has waited for its turn; told only where `qps` is set. */
  throttled?(wait: RequestDuration): void;
  /** A try was answered, or failed, whose body has this size. Not told of watches. */
  sent?(request: RequestSize): void;
  /** An answer has been read: of a call that succeeded, or that was refused with words. Not told of watches. */
  received?(answer: RequestSize): void;
  /** A name was looked up for a connection. Not told where the URL of the server, or of the proxy, has an address. */
  resolved?(lookup: NameLookup): void;
}

/** The code of a try that had no answer. */
const errorCode = '<error>';

/** Tells a metrics system that may throw. */
export class RequestMeter {
  readonly #metrics: RequestMetrics;
  readonly #host: string;
  readonly #clock: Clock;
  #hasFailed = false;

  /** @param origin - scheme, host and port of the server */
  constructor(metrics: RequestMetrics, origin: string, clock: Clock) {
    this.#metrics = metrics;
    this.#host = new URL(origin).host;
    this.#clock = clock;
  }

  /** A try was answered with a status, or not at all. */
  tried(method: string, statusCode: number | undefined, isRetry: boolean): void {
    const code = statusCode === undefined ? errorCode : String(statusCode);
    this.#tell(() => this.#metrics.tried?.({ method, host: this.#host, code, isRetry }));
  }

  /** A try was answered or failed. */
  sent(method: string, body: string | undefined): void {
    const bytes = body === undefined ? 0 : Buffer.byteLength(body);
    this.#tell(() => this.#metrics.sent?.({ method, host: this.#host, bytes }));
  }

  /** An answer has been read. */
  received(method: string, bytes: number): void {
    this.#tell(() => this.#metrics.received?.({ method, host: this.#host, bytes }));
  }

  /** A name was looked up. */
  resolved(lookup: NameLookup): void {
    this.#tell(() => this.#metrics.resolved?.(lookup));
  }

  /** Measures a call from now on; the result is to be called at its end. */
  beginCall(method: string): () => void {
    return this.#measure(method, (call) => this.#metrics.completed?.(call));
  }

  /** Measures a wait from now on; the result is to be called at its end. */
  beginWait(method: string): () => void {
    return this.#measure(method, (wait) => this.#metrics.throttled?.(wait));
  }

  #measure(method: string, tell: (duration: RequestDuration) => unknown): () => void {
    const startMs = this.#clock.now();
    return () => {
      const durationMs = this.#clock.now() - startMs;
      this.#tell(() => tell({ method, host: this.#host, durationMs }));
    };
  }

  #tell(call: () => unknown): void {
    try {
      // A program may give async functions, whatever the type says.
      const result = call();
      if (result instanceof Promise) result.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    process.emitWarning(`The metrics of requests failed: ${messageOf(error)}`, {
      type: 'KubeloopClientWarning',
    });
  }
}
