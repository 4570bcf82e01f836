import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { freePort } from './prometheus.ts';

/** Where Debian's package `redis-server` puts the binary. */
const binary = '/usr/bin/redis-server';

/** Why there is no Redis to test with; `undefined` when there is one. */
export function missingRedis(): string | undefined {
  return existsSync(binary)
    ? undefined
    : `There is no ${binary}: install it with "apt-get install -y --no-install-recommends redis-server"`;
}

/** A Redis server that keeps nothing on disk. */
export class Redis implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #port: number;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.#port = port;
  }

  /** Starts one. */
  static async start(): Promise<Redis> {
    const port = await freePort();
    const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''];
    const child = spawn(binary, settings, { stdio: ['ignore', 'ignore', 'inherit'] });
    const redis = new Redis(child, port);
    await redis.#untilReady();
    return redis;
  }

  /** How clients reach it. */
  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Cuts all connections. */
  async cut(): Promise<void> {
    const socket = await this.#connected();
    socket.write('CLIENT KILL TYPE normal SKIPME yes\r\nCLIENT KILL TYPE pubsub\r\n');
    await once(socket, 'data');
    socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #connected(): Promise<Socket> {
    const socket = connect(this.#port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null)
        throw new Error(`Redis ended with ${this.#process.exitCode}`);
      // Each try waits for the one before.
      // oxlint-disable-next-line no-await-in-loop
      const socket = await this.#connected().catch(() => undefined);
      socket?.destroy();
      if (socket) return;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
