import { lookupBuckets, requestBuckets, sizeBuckets } from './buckets.ts';
import type { FamilyMaker, Histograms, Numbers } from './family-maker.ts';

/** How long something of a call took. */
export interface RequestTiming {
  /** The HTTP method, as the label `verb` has it. */
  readonly method: string;
  /** The server, with its port. */
  readonly host: string;
  /** In milliseconds. */
  readonly durationMs: number;
}

/** How large the body of a request or an answer is. */
export interface RequestBytes {
  /** As in {@link RequestTiming.method}. */
  readonly method: string;
  /** As in {@link RequestTiming.host}. */
  readonly host: string;
  /** Zero for none. */
  readonly bytes: number;
}

/** Where a client reports its requests to; what `@kubeloop/client` calls `RequestMetrics`. */
export interface RequestInstruments {
  /** A try was answered, or failed. */
  tried(request: {
    readonly method: string;
    readonly host: string;
    readonly code: string;
    readonly isRetry: boolean;
  }): void;
  /** A call has ended. */
  completed(call: RequestTiming): void;
  /** A try has waited for its turn. */
  throttled(wait: RequestTiming): void;
  /** A try of a call was answered or failed, whose body has this size. */
  sent(request: RequestBytes): void;
  /** An answer has been read, also one that refuses with words, and had this size after decompression. */
  received(answer: RequestBytes): void;
  /** The name of a server was looked up. */
  resolved(lookup: {
    /** The name, without a port. */
    readonly host: string;
    /** In milliseconds. */
    readonly durationMs: number;
  }): void;
}

/** The metrics of the clients of a registry. */
export class RequestFamilies implements RequestInstruments {
  readonly #requests: Numbers<'code' | 'method' | 'host'>;
  readonly #retries: Numbers<'code' | 'verb' | 'host'>;
  readonly #duration: Histograms<'verb' | 'host'>;
  readonly #throttled: Histograms<'verb' | 'host'>;
  readonly #requestSize: Histograms<'verb' | 'host'>;
  readonly #responseSize: Histograms<'verb' | 'host'>;
  readonly #lookups: Histograms<'host'>;

  constructor(maker: FamilyMaker) {
    this.#requests = maker.counter({
      name: 'rest_client_requests_total',
      help: 'Requests, each try of a call being one, by code of the answer, method and host',
      labels: ['code', 'method', 'host'],
    });
    this.#retries = maker.counter({
      name: 'rest_client_request_retries_total',
      help: 'Tries of calls after the first one, by code of the answer, method and host',
      labels: ['code', 'verb', 'host'],
    });
    const histogram = (
      name: string,
      help: string,
      buckets: readonly number[],
    ): Histograms<'verb' | 'host'> =>
      maker.histogram({ name, help, labels: ['verb', 'host'], buckets });
    this.#duration = histogram(
      'rest_client_request_duration_seconds',
      'How long calls take, all tries and waits included; watches are none',
      requestBuckets,
    );
    this.#throttled = histogram(
      'rest_client_rate_limiter_duration_seconds',
      'How long requests wait for their turn in the client',
      requestBuckets,
    );
    this.#requestSize = histogram(
      'rest_client_request_size_bytes',
      'How large the bodies of requests are, each try of a call being one; watches are none',
      sizeBuckets,
    );
    this.#responseSize = histogram(
      'rest_client_response_size_bytes',
      'How large the bodies of answers are after decompression; watches are none',
      sizeBuckets,
    );
    this.#lookups = maker.histogram({
      name: 'rest_client_dns_resolution_duration_seconds',
      help: 'How long it takes to look up the names of servers',
      labels: ['host'],
      buckets: lookupBuckets,
    });
  }

  tried({ method, host, code, isRetry }: Parameters<RequestInstruments['tried']>[0]): void {
    this.#requests.series({ code, method, host }).inc();
    if (isRetry) this.#retries.series({ code, verb: method, host }).inc();
  }

  completed({ method, host, durationMs }: RequestTiming): void {
    this.#duration.series({ verb: method, host }).observe(durationMs / 1000);
  }

  throttled({ method, host, durationMs }: RequestTiming): void {
    this.#throttled.series({ verb: method, host }).observe(durationMs / 1000);
  }

  sent({ method, host, bytes }: RequestBytes): void {
    this.#requestSize.series({ verb: method, host }).observe(bytes);
  }

  received({ method, host, bytes }: RequestBytes): void {
    this.#responseSize.series({ verb: method, host }).observe(bytes);
  }

  resolved({ host, durationMs }: Parameters<RequestInstruments['resolved']>[0]): void {
    this.#lookups.series({ host }).observe(durationMs / 1000);
  }
}
