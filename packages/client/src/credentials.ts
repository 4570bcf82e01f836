import type { Clock } from '@kubeloop/ratelimiter';
import { messageOf } from './pem.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What a request shows of itself. */
export interface Identity {
  /** Headers such as `authorization`, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates, which decide the connection that a request may use. */
  readonly tls: TlsSettings;
}

/** What {@link Credentials} is made of. */
export interface CredentialsOptions {
  /** The server's URL, for messages. */
  readonly server: string;
  /** Reads the identity as it is now. */
  readonly load: () => Identity | Promise<Identity>;
  /** How long an identity is used before it is read again; `Infinity` when it never changes. */
  readonly maxAgeMs: number;
  /** Told that the server refused the identity that is known, so that the next reading gives another one. */
  readonly onRefused?: (() => void) | undefined;
  readonly clock: Clock;
}

/**
 * The identity of requests, read again as it ages.
 *
 * Requests that need it at the same time share one reading. When reading again fails, the identity that is known
 * goes on being used, as client-go does with token files: it may be good for long. Once the server refuses it,
 * it is dropped, and a reading that fails then fails the request.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  #known: { readonly identity: Identity; readonly freshUntilMs: number } | undefined;
  #reading: Promise<Identity> | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** The identity to use now. @throws Error that names the server when there is none: a file, plugin or function failed */
  current(): Promise<Identity> {
    const now = this.#options.clock.now();
    if (this.#known && now < this.#known.freshUntilMs) return Promise.resolve(this.#known.identity);
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Forgets an identity that the server refused, unless a newer one is known already. */
  drop(refused: Identity): void {
    if (this.#known?.identity !== refused) return;
    this.#known = undefined;
    this.#options.onRefused?.();
  }

  /** Has an identity read again before its next use, although it may be good: the files it came from may have changed. */
  expire(identity: Identity): void {
    if (this.#known?.identity === identity) this.#known = { identity, freshUntilMs: -Infinity };
  }

  async #read(): Promise<Identity> {
    const before = this.#known?.identity;
    try {
      const identity = await this.#options.load();
      this.#remember(identity);
      return identity;
    } catch (cause) {
      if (!before)
        throw new Error(
          `Cannot get credentials for server ${this.#options.server}: ${messageOf(cause)}`,
          { cause },
        );
      this.#remember(before);
      return before;
    }
  }

  #remember(identity: Identity): void {
    this.#known = {
      identity,
      freshUntilMs: this.#options.clock.now() + this.#options.maxAgeMs,
    };
  }
}

/** Whether two identities look the same to the server. */
export function isSameIdentity(a: Identity, b: Identity): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
