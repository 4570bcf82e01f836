import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { seen, type SeenRequest } from './request-text.ts';
import { added, type Answer, type Scenario, type Step } from './script.ts';
import { failure, endName } from './things.ts';

/** What is written reaches the other side before the connection breaks; a reset would overtake it. */
const beforeBreakMs = 30;
/** Requests that no script foresees are answered with a failure, and end the scenario when they become many. */
const maxUnscripted = 5;

/** A server that tells one scenario to one informer and writes down what it is asked. */
export class ScriptedServer implements AsyncDisposable {
  /** What it was asked so far. */
  readonly requests: SeenRequest[] = [];
  readonly #scenario: Scenario;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  /** Which steps were taken, by their place: the same step may stand in several. */
  readonly #used = new Set<number>();
  readonly #held: ServerResponse[] = [];
  readonly #over = Promise.withResolvers<void>();
  #unscripted = 0;
  #port = 0;
  #quiet: NodeJS.Timeout | undefined;
  /** What went wrong in the server itself. */
  readonly #faults: string[] = [];

  private constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => this.#failed(error));
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
  }

  /** Starts a server. It cannot be reached yet where the scenario begins so. */
  static async start(scenario: Scenario): Promise<ScriptedServer> {
    const server = new ScriptedServer(scenario);
    await server.#listenAnywhere();
    if (scenario.downAtStartMs !== undefined) await server.#goDown(scenario.downAtStartMs);
    return server;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when the scenario says that the informer is to be stopped; never where the last object says it. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** What must not have happened: steps that nobody asked for, requests that nobody foresaw, faults of the server. */
  get complaints(): string[] {
    const unused = this.#pending.map(
      (step) => `nobody asked for step ${this.#scenario.steps.indexOf(step)}, a ${step.on}`,
    );
    const unscripted =
      this.#unscripted > 0 ? [`${this.#unscripted} requests without a script`] : [];
    return [...unused, ...unscripted, ...this.#faults];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#quiet);
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #failed(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#faults.push(`the server failed: ${inspect(error)}`);
  }

  get #pending(): readonly Step[] {
    return this.#scenario.steps.filter(
      (step, index) => step.isOptional !== true && !this.#used.has(index),
    );
  }

  /**
   * Ports that servers come back to are below those from which connections are made: otherwise a connection of another
   * scenario might hold one meanwhile.
   */
  async #listenAnywhere(): Promise<void> {
    const mayComeBack =
      this.#scenario.downAtStartMs !== undefined ||
      this.#scenario.steps.some(({ answer }) => typeof answer.ending === 'object');
    for (let attempts = 1; ; attempts += 1) {
      this.#port = mayComeBack ? randomInt(20_000, 32_000) : 0;
      try {
        return await this.#listen();
      } catch (error) {
        if (attempts === 20) throw error;
      }
    }
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    // An address of TCP, not of a pipe.
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const what = seen(request.method, request.url);
    this.requests.push(what);
    const { end } = this.#scenario;
    if (end !== undefined && 'requests' in end && this.requests.length >= end.requests) {
      return this.#over.resolve();
    }
    const step = this.#stepFor(what.kind);
    await this.#send(step?.answer ?? this.#unforeseen(what.kind), response);
    await this.#finish();
    this.#watchQuiet();
  }

  #stepFor(kind: SeenRequest['kind']): Step | undefined {
    const { steps } = this.#scenario;
    const next = steps.findIndex((step, index) => step.on === kind && !this.#used.has(index));
    this.#used.add(next);
    return steps[next] ?? steps.findLast((step) => step.on === kind && step.isRepeated === true);
  }

  /** The last watch waits for the end of the script; anything else was not meant to be asked. */
  #unforeseen(kind: SeenRequest['kind']): Answer {
    const headers = { 'content-type': 'application/json' };
    if (kind === 'watch' && this.#pending.length === 0)
      return { status: 200, headers, pieces: [], ending: 'hold' };
    this.#unscripted += 1;
    if (this.#unscripted >= maxUnscripted) this.#over.resolve();
    const body = JSON.stringify(failure(500, 'InternalError', { message: 'not in the script' }));
    return { status: 500, headers, pieces: [body], ending: 'end' };
  }

  async #send(answer: Answer, response: ServerResponse): Promise<void> {
    const { signal } = this.#closing;
    if (answer.status > 0) {
      // One connection for each request: HTTP clients of their own accord repeat requests on connections they have kept.
      response.writeHead(answer.status, { ...answer.headers, connection: 'close' });
      response.flushHeaders();
    }
    for (const piece of answer.pieces) {
      if (response.destroyed) return;
      if (typeof piece === 'object' && 'pauseMs' in piece) {
        await sleep(piece.pauseMs, undefined, { signal });
      } else {
        await new Promise<void>((resolve) => response.write(piece, () => resolve()));
      }
    }
    await this.#endAnswer(answer, response);
  }

  async #endAnswer({ ending, status }: Answer, response: ServerResponse): Promise<void> {
    if (ending === 'end') return void response.end();
    if (ending === 'hold') return void this.#held.push(response);
    if (status > 0) await sleep(beforeBreakMs, undefined, { signal: this.#closing.signal });
    if (typeof ending === 'object') return this.#goDown(ending.downMs);
    if (ending === 'reset') response.socket?.resetAndDestroy();
    else response.socket?.destroy();
  }

  /** Once the script is over, the last object is sent. */
  async #finish(): Promise<void> {
    if (this.#pending.length > 0 || this.#scenario.end !== undefined) return;
    for (const response of this.#held.splice(0)) {
      if (!response.destroyed) response.write(added(endName, '99999'));
    }
  }

  #watchQuiet(): void {
    const { end } = this.#scenario;
    if (end === undefined || !('quietMs' in end)) return;
    clearTimeout(this.#quiet);
    if (this.#pending.length === 0) this.#quiet = setTimeout(this.#over.resolve, end.quietMs);
  }

  async #goDown(downMs: number): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    void this.#comeBack(downMs);
  }

  async #comeBack(afterMs: number): Promise<void> {
    try {
      await sleep(afterMs, undefined, { signal: this.#closing.signal });
      await this.#listen();
    } catch (error) {
      this.#failed(error);
    }
  }
}
