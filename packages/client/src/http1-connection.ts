import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '@kubeloop/ratelimiter';
import type { Answer } from './answer.ts';
import { Http1Exchange } from './http1-exchange.ts';
import type { RequestHead } from './http1-head.ts';
import { keepAliveMs, type PoolRequest } from './transport.ts';

/** What an {@link Http1Connection} is made of. */
export interface Http1ConnectionOptions {
  /** Its handshake is done. */
  readonly socket: Socket;
  readonly clock: Clock;
  /** Called each time that an answer has ended and another request may be sent. */
  readonly onFree: () => void;
  /** Called once, when the socket is closed. */
  readonly onGone: () => void;
}

/** How much sooner than the server says we close, so that no request meets its closing. */
const keepAliveMarginMs = 1000;

/**
 * One connection over HTTP/1.1, which carries one request at a time. It keeps the process alive while it has one, and
 * closes when it had none for a while.
 */
export class Http1Connection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #closed: Promise<void>;
  readonly #onFree: () => void;
  #exchange: Http1Exchange | undefined;
  #hasHeard = true;
  #idle: Timer | undefined;

  constructor({ socket, clock, onFree, onGone }: Http1ConnectionOptions) {
    this.#socket = socket;
    this.#clock = clock;
    this.#onFree = onFree;
    this.#agent = agentOf(socket);
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#listen(onGone);
  }

  /** Whether it takes a request. */
  get isUsable(): boolean {
    const { destroyed, readable, writable } = this.#socket;
    return !this.#exchange && !destroyed && readable && writable;
  }

  /** Whether it broke before the server said anything to the last request. */
  get hasFailedUnheard(): boolean {
    return !this.#hasHeard && this.#socket.destroyed;
  }

  /** Sends a request; throws when it cannot be written. The connection is free again when the body has ended, and closes when that is destroyed early. */
  send(request: PoolRequest, head: RequestHead): Promise<Answer> {
    this.#idle?.cancel();
    this.#socket.ref();
    this.#hasHeard = false;
    const options = { socket: this.#socket, agent: this.#agent, clock: this.#clock };
    try {
      this.#exchange = new Http1Exchange({ ...options, request, head });
    } catch (error) {
      // A path or a header that no request may have: nothing was written.
      this.rest();
      throw error;
    }
    return this.#exchange.answer;
  }

  /** Without a request, it closes after a while, or with the process. */
  rest(): void {
    const idleMs = this.#exchange?.keepAliveMs ?? Infinity;
    this.#exchange = undefined;
    const restMs = Math.min(keepAliveMs, idleMs - keepAliveMarginMs);
    if (!this.isUsable || restMs <= 0) {
      void this.destroy();
      return;
    }
    this.#socket.unref();
    this.#idle = this.#clock.setTimeout(() => void this.destroy(), restMs);
    this.#idle.unref();
    this.#onFree();
  }

  /** Closes it now; a request in it fails. Resolves when the socket is closed. */
  destroy(): Promise<void> {
    this.#socket.destroy();
    return this.#closed;
  }

  /** These listeners come before those that Node adds for each request, and stay. */
  #listen(onGone: () => void): void {
    const socket = this.#socket;
    socket.on('data', () => {
      this.#hasHeard = true;
      // What nobody asked for would be taken for the answer to the next request.
      if (!this.#exchange || this.#exchange.isComplete) socket.destroy();
      else this.#exchange.noteData();
    });
    socket.on('pause', () => this.#exchange?.pause());
    socket.on('resume', () => this.#exchange?.resume());
    socket.on('end', () => {
      if (!this.#exchange) socket.destroy();
    });
    // Whoever has sent a request hears of it, and without one it is no news.
    socket.on('error', () => {});
    socket.on('free', () => this.rest());
    socket.once('close', () => {
      this.#idle?.cancel();
      this.#exchange?.noteClosed();
      onGone();
    });
    socket.resume();
  }
}

/** Hands the socket to each request. Node takes any object that does so for an agent. */
function agentOf(socket: Socket): Agent {
  const agent = {
    keepAlive: true,
    protocol: 'http:',
    defaultPort: 80,
    addRequest: (request: ClientRequest): void => request.onSocket(socket),
  };
  // Node calls nothing else of it, and its types know only its own class.
  return agent as unknown as Agent;
}
