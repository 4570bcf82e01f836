import type { Counter } from 'prom-client';
import { requestBuckets } from './buckets.ts';
import type { FamilyMaker } from './family-maker.ts';
import { Zeroed } from './zeroed-histogram.ts';

/** How long something of a call took. */
export interface RequestTiming {
  readonly method: string;
  readonly host: string;
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
  readonly #requests: Counter<'code' | 'method' | 'host'>;
  readonly #retries: Counter<'code' | 'verb' | 'host'>;
  readonly #duration: Zeroed<'verb' | 'host'>;
  readonly #throttled: Zeroed<'verb' | 'host'>;

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
    const timing = (name: string, help: string): Zeroed<'verb' | 'host'> =>
      new Zeroed(
        maker.histogram({ name, help, labels: ['verb', 'host'], buckets: requestBuckets }),
      );
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
    this.#requests.inc({ code, method, host });
    if (isRetry) this.#retries.inc({ code, verb: method, host });
  }

  completed({ method, host, durationMs }: RequestTiming): void {
    this.#duration.labels({ verb: method, host }).observe(durationMs / 1000);
  }

  throttled({ method, host, durationMs }: RequestTiming): void {
    this.#throttled.labels({ verb: method, host }).observe(durationMs / 1000);
  }
}
