import type { Answer } from './answer.ts';
import type { Clock } from '@kubeloop/ratelimiter';

/** One HTTP request as the pool sees it. */
export interface PoolRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** The longest silence of the server before and within the answer; zero means no limit. */
  readonly timeoutMs: number;
}

/** A host and port. */
export interface Place {
  /** An IPv6 address is without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where the pool's connections go. */
export interface PoolTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** An HTTP proxy to go through. */
  readonly proxyUrl?: string | undefined;
  /** Whether servers that offer HTTP/2 are spoken to in it. Default false. */
  readonly http2?: boolean | undefined;
  /** Where time comes from. Default: the clock of the process. */
  readonly clock?: Clock | undefined;
  /** Told when a name has been looked up for a connection. */
  readonly onLookup?: ((host: string, durationMs: number) => void) | undefined;
}

/** The connections to one server with one set of certificates, over one version of HTTP or several. */
export interface Transport {
  /** Sends one request. The caller must read the body to its end or destroy it. */
  send(request: PoolRequest): Promise<Answer>;
  /** Closes every connection as soon as its last answer has ended. Resolves when none is left. */
  retire(): Promise<void>;
  /** Closes every connection now. Resolves when none is left whose handshake was done. */
  destroy(): Promise<void>;
}

/** How long an idle connection is kept: below the API server's own 90 s and common load balancers' 60 s, so that we close first. */
export const keepAliveMs = 45_000;
/** Time for the TCP and TLS handshakes, as Go's default dialer. */
export const connectTimeoutMs = 30_000;
/** TCP keep-alive probes, as Go's default dialer; cloud load balancers drop connections that are silent for 60 s. */
export const keepAliveProbeMs = 30_000;

const maxInformational = 16;

/**
 * Counts the informational answers that come before an answer and throws at the seventeenth. Each begins the wait for the answer
 * anew, so without a limit they could keep a call for ever; no API server sends any, some proxies a few.
 */
export function refuseFlood(): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > maxInformational)
      throw new Error(`more than ${maxInformational} informational answers came before the answer`);
  };
}
