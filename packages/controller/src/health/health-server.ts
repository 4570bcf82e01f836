import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { untilAborted } from '../deadline.ts';
import type { Logger } from '../logger.ts';
import { healthAnswer } from './health-answer.ts';
import type { HealthChecks, HealthReport } from './health-checks.ts';
import { describeCause } from './health-checks.ts';
import type { HealthOptions } from './health-options.ts';

/** What a {@link HealthServer} works with. */
export interface HealthServerOptions extends HealthOptions {
  /** What is served, each under its name. */
  readonly checks: readonly HealthChecks[];
  readonly logger: Logger;
}

/** Answers probes: `/healthz`, `/readyz`, a single check such as `/readyz/manager`, `?verbose` and `?exclude=<check>`. */
export class HealthServer {
  /** Names it in reports. */
  readonly name = 'health checks';
  /** It starts first and stops last. */
  readonly isServer = true;
  readonly #options: HealthServerOptions;
  readonly #failed = new Map<string, string>();
  readonly #started: PromiseWithResolvers<void> = Promise.withResolvers();
  #url: string | undefined;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    // Whoever waits hears of it, and so does whoever runs it.
    this.#started.promise.catch(() => undefined);
  }

  /** Where it answers; `undefined` while it does not. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Resolves when it listens. @throws what kept it from that */
  async listening(): Promise<void> {
    await this.#started.promise;
  }

  /**
   * Listens until the signal aborts; resolves when the port is free again.
   *
   * @throws Error when it cannot listen
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    // Not imported: that takes 30 ms and 13 MB, and few controllers of a process serve probes.
    const { createServer } = process.getBuiltinModule('node:http');
    const server = createServer((request, response) => void this.#answer(request, response));
    const { promise: failed, reject } = Promise.withResolvers<never>();
    server.on('error', reject);
    try {
      await Promise.race([this.#listen(server), failed]);
      await untilAborted(signal, failed);
    } catch (error) {
      const { host = '', port } = this.#options;
      const message = `Cannot serve health checks at ${host}:${port}: ${describeCause(error)}`;
      const failure = new Error(message, { cause: error });
      this.#started.reject(failure);
      throw failure;
    } finally {
      this.#url = undefined;
      await close(server);
    }
  }

  async #listen(server: Server): Promise<void> {
    const { port, host } = this.#options;
    const listening = once(server, 'listening');
    server.listen({ port, host });
    await listening;
    // It listens at a port, so that the address is no text.
    const address = server.address() as AddressInfo;
    const name = ['::', '0.0.0.0'].includes(address.address) ? 'localhost' : address.address;
    this.#url = `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
    this.#options.logger.info('Health checks are served', { url: this.#url });
    this.#started.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const { method = '', url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      response.writeHead(405).end('method not allowed\n');
      return;
    }
    try {
      const { status, text } = await this.#answerTo(url);
      response.writeHead(status).end(method === 'HEAD' ? undefined : text);
    } catch (error) {
      this.#options.logger.error('A probe could not be answered', { url, error });
      response.writeHead(500).end('internal error\n');
    }
  }

  async #answerTo(target: string): Promise<{ readonly status: number; readonly text: string }> {
    const notFound = { status: 404, text: '404 page not found\n' };
    const url = URL.parse(target, 'http://localhost');
    const [name = '', ...rest] = url?.pathname.slice(1).split('/') ?? [];
    const checks = this.#options.checks.find((each) => each.name === name);
    const path = decode(rest.join('/'));
    if (!url || !checks || path === undefined) return notFound;
    const only = path === '' ? undefined : path;
    const report = await checks.run({ only, exclude: url.searchParams.getAll('exclude') });
    if (!report) return notFound;
    this.#log(name, report);
    const isVerbose = url.searchParams.has('verbose');
    const tellsCauses = !this.#options.withholdReasons && (isVerbose || only !== undefined);
    const text = healthAnswer(report, { name, isVerbose, tellsCauses });
    return { status: report.isHealthy ? 200 : 500, text };
  }

  /** Probes come every few seconds: only what has changed is worth an entry. A program that starts or stops is not ready, and nothing is wrong with it. */
  #log(path: string, { checks }: HealthReport): void {
    const level = path === 'readyz' ? 'info' : 'warn';
    for (const { name, outcome, cause } of checks) {
      const id = `${path}/${name}`;
      if (outcome === 'failed' && cause !== undefined && this.#failed.get(id) !== cause) {
        this.#failed.set(id, cause);
        this.#options.logger[level]('A health check fails', { check: id, cause });
      } else if (outcome === 'ok' && this.#failed.delete(id)) {
        this.#options.logger.info('A health check passes again', { check: id });
      }
    }
  }
}

/** `undefined` when it is no text. */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // a lone "%", which names no check
  }
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
