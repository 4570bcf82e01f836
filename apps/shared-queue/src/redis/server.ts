import { join } from 'node:path';

import { freePorts } from '@kubeloop/control-plane/ports';
import { createClient } from '@redis/client';

import { isOpen } from '../broker/is-open.ts';
import type { ServerTls } from '../broker/server-tls.ts';
import { ManagedProcess, type ProcessSignal } from '../broker/process.ts';
import { Watchdog } from '../broker/watchdog.ts';

/** What a server is started with. */
export interface RedisServerOptions {
  /** Path of `redis-server` or `valkey-server`. */
  readonly path: string;
  /** When writes reach the disk; default `no`: never, nothing outlives the server. */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** Further lines of its configuration, as arguments. */
  readonly args?: readonly string[];
  /** Makes its port speak TLS and nothing else; default: nothing but plain text. */
  readonly tls?: ServerTls;
}

/** A Redis server of its own, on a free port of 127.0.0.1, with a folder that is removed at the end. */
export class RedisServer implements AsyncDisposable {
  readonly #options: RedisServerOptions;
  readonly #watchdog: Watchdog;
  readonly #port: number;
  #process: ManagedProcess;

  /** Starts one and waits until its port is open. */
  static async start(options: RedisServerOptions): Promise<RedisServer> {
    const [port = 0] = await freePorts(1);
    const server = new RedisServer(options, Watchdog.start('kubeloop-redis-'), port);
    await server.#opened();
    return server;
  }

  private constructor(options: RedisServerOptions, watchdog: Watchdog, port: number) {
    this.#options = options;
    this.#watchdog = watchdog;
    this.#port = port;
    this.#process = this.#launch();
  }

  /** How clients reach it. */
  get url(): string {
    const scheme = this.#options.tls === undefined ? 'redis' : 'rediss';
    return `${scheme}://127.0.0.1:${this.#port}`;
  }

  /** Its port. */
  get port(): number {
    return this.#port;
  }

  /** Runs a command on a connection of its own, and gives the answer. Not over TLS. */
  async command(...args: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url });
    await client.connect();
    const answer = await client.sendCommand([...args]);
    client.destroy();
    return answer;
  }

  /** Sends a signal. */
  signal(signal: ProcessSignal): void {
    this.#process.signal(signal);
  }

  /** Kills it as `kill -9` does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended;
  }

  /** Starts it again on the same port with what is on disk, and waits until its port is open. */
  async restart(): Promise<void> {
    this.#process = this.#launch();
    await this.#opened();
  }

  /** Ends it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#watchdog.release();
  }

  #launch(): ManagedProcess {
    const { path, appendfsync = 'no', args = [], tls } = this.#options;
    const { folder } = this.#watchdog;
    const port = tls === undefined ? ['--port', `${this.#port}`] : tlsArgs(this.#port, tls);
    const own = [...port, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const disk = [
      '--appendonly',
      appendfsync === 'no' ? 'no' : 'yes',
      '--appendfsync',
      appendfsync,
    ];
    return ManagedProcess.start({
      name: 'redis',
      path,
      args: [...own, ...disk, ...args],
      env: { PATH: process.env['PATH'] },
      logFile: join(folder, 'redis.log'),
      watchdog: this.#watchdog,
    });
  }

  async #opened(): Promise<void> {
    await this.#process.started(
      { what: 'the Redis server opens its port', timeoutMs: 20_000, intervalMs: 20 },
      async () => isOpen(this.#port),
    );
  }
}

function tlsArgs(port: number, tls: ServerTls): readonly string[] {
  const settings = {
    port: 0,
    'tls-port': port,
    'tls-cert-file': tls.certificateFile,
    'tls-key-file': tls.keyFile,
    'tls-ca-cert-file': tls.caFile,
    'tls-auth-clients': tls.isClientCertificateRequired ? 'yes' : 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}
