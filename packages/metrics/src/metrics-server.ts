import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentTypeFor, type ReadableRegistry, writeMetrics } from './exposition.ts';
import { messageOf } from './message-of.ts';

/** Options of {@link MetricsServer}. */
export interface MetricsServerOptions {
  /** Whose metrics to serve, such as `metrics.registry`. */
  readonly registry: ReadableRegistry;
  /** Where to listen. Zero takes any free port, see {@link MetricsServer.address}. Default 8080, as controller-runtime. */
  readonly port?: number | undefined;
  /** On which address to listen. Default: all of them, since a Prometheus is most often elsewhere. */
  readonly host?: string | undefined;
  /** Takes what went wrong while metrics were written; the answer is then 500. Default: a process warning. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Where a server listens. */
export interface MetricsAddress {
  /** The address. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** What to scrape. */
  readonly url: string;
}

/** How long answers that are under way may take when the server stops. */
const lastAnswersMs = 1000;

/**
 * Serves metrics at `/metrics`: to `GET`, and as OpenMetrics or as Prometheus text, whichever is asked for. Other paths
 * are answered with 404, other methods with 405.
 *
 * It has no TLS and asks for no credentials. `manager.add(server)` runs it with a manager, on each replica, leading or not.
 */
export class MetricsServer {
  /** What a manager calls it. */
  readonly name: string = 'metrics server';
  /** A replica that does not lead is scraped as well. */
  readonly needsLeaderElection: boolean = false;
  /** It starts first and stops last. */
  readonly isServer: boolean = true;
  readonly #registry: ReadableRegistry;
  readonly #place: { readonly port: number; readonly host: string | undefined };
  readonly #onError: (error: unknown) => void;
  readonly #server: Server;
  readonly #started: PromiseWithResolvers<MetricsAddress> = Promise.withResolvers();
  #address: MetricsAddress | undefined;
  #hasRun = false;

  /** Opens nothing. @throws TypeError or RangeError when an option cannot be used */
  constructor(options: MetricsServerOptions) {
    checkOptions(options);
    const { registry, port = 8080, host, onError = warn } = options;
    this.#registry = registry;
    this.#place = { port, host };
    this.#onError = onError;
    // Not imported: that takes 30 ms and 13 MB, also in processes that serve nothing.
    const { createServer } = process.getBuiltinModule('node:http');
    this.#server = createServer((request, response) => void this.#answer(request, response));
    // Whoever waits hears of it.
    this.#started.promise.catch(() => {});
  }

  /** Where it listens; `undefined` while it does not. */
  get address(): MetricsAddress | undefined {
    return this.#address;
  }

  /**
   * Resolves with the {@link address} as soon as it listens, and with the last one when it has stopped.
   *
   * @throws the reason of the signal; what kept it from listening; TypeError when the signal is none
   */
  async listening(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<MetricsAddress> {
    const signal = options?.signal;
    if (signal === undefined) return this.#started.promise;
    checkSignal('wait for the metrics server', signal);
    signal.throwIfAborted();
    const given = new AbortController();
    try {
      const giveUp = once(signal, 'abort', { signal: given.signal }).then(() => {
        throw signal.reason;
      });
      return await Promise.race([this.#started.promise, giveUp]);
    } finally {
      given.abort();
    }
  }

  /**
   * Serves until the signal aborts; answers that are under way are given a second. Resolves when the port is free.
   *
   * @throws TypeError when there is no signal
   * @throws Error when called twice, or when it cannot listen, for example because the port is in use
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const signal = options?.signal;
    checkSignal('run the metrics server', signal);
    if (this.#hasRun) throw new Error('Cannot run the metrics server twice: make a new one');
    this.#hasRun = true;
    const given = new AbortController();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    this.#server.on('error', reject);
    try {
      await Promise.race([this.#listen(), failed]);
      if (!signal.aborted)
        await Promise.race([once(signal, 'abort', { signal: given.signal }), failed]);
    } catch (error) {
      const failure = this.#cannotServe(error);
      this.#started.reject(failure);
      throw failure;
    } finally {
      given.abort();
      this.#address = undefined;
      if (this.#server.listening) await this.#close();
    }
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#place, resolve));
    // A server that listens on a port has an address.
    this.#address = addressOf(this.#server.address() as AddressInfo);
    this.#started.resolve(this.#address);
  }

  #cannotServe(cause: unknown): Error {
    const { port, host = '' } = this.#place;
    return new Error(`Cannot serve metrics at ${host}:${port}: ${messageOf(cause)}`, { cause });
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), lastAnswersMs);
    await closed;
    clearTimeout(timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?', 1);
    // A connection that is kept would outlive the server.
    response.shouldKeepAlive &&= this.#address !== undefined;
    if (path !== '/metrics') return end(response, 404, 'Not found: metrics are at /metrics');
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      return end(response, 405, 'Method not allowed: metrics are read by GET');
    }
    const contentType = contentTypeFor(request.headers.accept);
    try {
      const text = await writeMetrics(this.#registry, contentType);
      response.writeHead(200, { 'content-type': contentType, vary: 'accept' }).end(text);
    } catch (error) {
      void tell(this.#onError, error);
      end(response, 500, 'The metrics could not be written');
    }
  }
}

/** A function that cannot take the error, at once or later, does not hide it. */
async function tell(onError: (error: unknown) => unknown, error: unknown): Promise<void> {
  try {
    await onError(error);
  } catch {
    warn(error);
  }
}

function warn(error: unknown): void {
  process.emitWarning(`The metrics could not be written: ${messageOf(error)}`, {
    type: 'KubeloopWarning',
  });
}

function checkSignal(action: string, signal: unknown): void {
  if (!(signal instanceof AbortSignal))
    throw new TypeError(`Cannot ${action}: it needs an AbortSignal as signal`);
}

function checkOptions(options: MetricsServerOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('Cannot serve metrics without options: give at least the registry');
  const { registry, port = 8080, host, onError } = options;
  if (typeof registry?.getMetricsAsArray !== 'function' || typeof registry.metrics !== 'function')
    throw new TypeError('Cannot serve metrics: registry must be a Registry of prom-client');
  if (typeof port !== 'number')
    throw new TypeError(`Cannot serve metrics at a port of type ${typeof port}: give a number`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`Cannot serve metrics at port ${port}: it must be from 0 to 65535`);
  if (host !== undefined && typeof host !== 'string')
    throw new TypeError(`Cannot serve metrics at a host of type ${typeof host}: give text`);
  if (onError !== undefined && typeof onError !== 'function')
    throw new TypeError(`Cannot use onError of type ${typeof onError}: give a function`);
}

function addressOf({ address, family, port }: AddressInfo): MetricsAddress {
  const host = family === 'IPv6' ? `[${address}]` : address;
  // Listening everywhere is no address to ask.
  const reachable = address === '::' || address === '0.0.0.0' ? 'localhost' : host;
  return { host: address, port, url: `http://${reachable}:${port}/metrics` };
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
