import { systemClock } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import { Http1Transport } from './http1-transport.ts';
import { Http2Transport, mayUseHttp2 } from './http2-transport.ts';
import { OpenSockets } from './open-sockets.ts';
import { tlsFingerprint, type TlsSettings } from './tls-settings.ts';
import type { PoolRequest, PoolTarget, Transport } from './transport.ts';

/**
 * The connections to one cluster: one or two over HTTP/2, or one for each call and watch over HTTP/1.1.
 *
 * When certificates change, requests go to a new set of connections; the old one closes as its last request ends.
 */
export class ConnectionPool {
  readonly #target: PoolTarget;
  readonly #sockets: OpenSockets = new OpenSockets();
  /** Transports that only wait for their last requests. */
  readonly #retiring: Set<Transport> = new Set();
  #fingerprint = '';
  #transport: Transport | undefined;
  #isClosed = false;

  constructor(target: PoolTarget) {
    this.#target = target;
  }

  /** Sends one request. The caller must read the body to its end or destroy it. */
  async send(tls: TlsSettings, request: PoolRequest): Promise<Answer> {
    return this.#transportFor(tls).send(request);
  }

  /** Closes every connection, also those in use and those whose handshake is not done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#retiring, ...(this.#transport ? [this.#transport] : [])];
    this.#transport = undefined;
    await Promise.allSettled(all.map((one) => one.destroy()));
    await this.#sockets.destroy();
  }

  #transportFor(tls: TlsSettings): Transport {
    if (this.#isClosed) throw new Error('Cannot send a request: the connection pool is closed');
    const fingerprint = tlsFingerprint(tls);
    if (this.#transport && this.#fingerprint === fingerprint) return this.#transport;
    if (this.#transport) this.#retire(this.#transport);
    this.#fingerprint = fingerprint;
    this.#transport = makeTransport(this.#target, tls, this.#sockets);
    return this.#transport;
  }

  #retire(old: Transport): void {
    this.#retiring.add(old);
    const gone = (): void => void this.#retiring.delete(old);
    old.retire().then(gone, gone);
  }
}

function makeTransport(target: PoolTarget, tls: TlsSettings, sockets: OpenSockets): Transport {
  if (!mayUseHttp2(target)) return new Http1Transport({ target, tls, sockets });
  return new Http2Transport({ target, tls, sockets, clock: target.clock ?? systemClock });
}
