import { requestBuckets } from './buckets.ts';
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
}

/** The metrics of the clients of a registry. */
export class RequestFamilies implements RequestInstruments {
  readonly #requests: Numbers<'code' | 'method' | 'host'>;
  readonly #retries: Numbers<'code' | 'verb' | 'host'>;
  readonly #duration: Histograms<'verb' | 'host'>;
  readonly #throttled: Histograms<'verb' | 'host'>;

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
    const timing = (name: string, help: string): Histograms<'verb' | 'host'> =>
      maker.histogram({ name, help, labels: ['verb', 'host'], buckets: requestBuckets });
    this.#duration = timing(
      'rest_client_request_duration_seconds',
      'How long calls take, all tries and waits included; watches are none',
    );
    this.#throttled = timing(
      'rest_client_rate_limiter_duration_seconds',
      'How long requests wait for their turn in the client',
    );
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
}
