import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { portOf } from '@kubeloop/control-plane/ports';

/** A TCP relay on 127.0.0.1 that can hurt the connections through it. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: number;
  /** Both ends of each connection. */
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isSilent = false;
  #refuses = false;
  #cuts = 0;

  /** Opens a relay to a port of 127.0.0.1. */
  static async open(target: number): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (client) => this.#relay(client));
  }

  /** How clients reach the broker through it. */
  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${portOf(this.#server)}`;
  }

  /** How many connections were cut so far. */
  get cuts(): number {
    return this.#cuts;
  }

  /** How many connections go through it now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Resets all connections on both sides; new ones are let through. */
  cut(): void {
    for (const pair of this.#pairs) {
      this.#cuts += 1;
      for (const socket of pair) socket.resetAndDestroy();
    }
  }

  /** Lets nothing through from now on, and tells neither side: half-open connections. New ones are accepted and stay silent. */
  silence(): void {
    this.#isSilent = true;
    for (const socket of [...this.#pairs].flat()) socket.pause();
  }

  /** Ends {@link silence}. */
  unsilence(): void {
    this.#isSilent = false;
    for (const socket of [...this.#pairs].flat()) socket.resume();
  }

  /** Resets every new connection from now on; the ones there are stay. */
  refuseNew(): void {
    this.#refuses = true;
  }

  /** Ends {@link refuseNew}. */
  acceptNew(): void {
    this.#refuses = false;
  }

  /** Cuts everything and accepts nothing more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(client: Socket): void {
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: this.#target, host: '127.0.0.1' });
    const pair = [client, upstream] as const;
    this.#pairs.add(pair);
    pass(client, upstream);
    pass(upstream, client);
    if (this.#isSilent) for (const socket of pair) socket.pause();
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // The close that follows says all that matters.
      socket.once('close', () => {
        this.#pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
  }
}

/** By hand, because `pipe` resumes a paused socket. */
function pass(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  });
  from.on('end', () => to.end());
}
