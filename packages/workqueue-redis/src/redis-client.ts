import { isIP } from 'node:net';

import { createClient, ErrorReply } from '@redis/client';
import { errorOf } from './error-kinds.ts';
import type { Names } from './names.ts';
import type { RedisTlsOptions } from './options.ts';
import { type Script, type ScriptName, scripts } from './scripts.ts';
import type { Connect, Connection, ConnectionEvents, Reply } from './transport.ts';

/** Options of {@link redisConnect}. */
export interface RedisConnectOptions {
  readonly url: string;
  readonly names: Names;
  /** How the connection is called at the server. */
  readonly connectionName: string;
  readonly connectTimeoutMs: number;
  readonly tls: RedisTlsOptions | undefined;
}

type Client = ReturnType<typeof makeClient>;

/** What the socket gets beside host and port, which come from the url. */
function socketOf({ url, tls, connectTimeoutMs }: RedisConnectOptions, signal: AbortSignal) {
  const common = {
    // A connection that is lost is made anew by the link, not here: what was under way on it must be known.
    reconnectStrategy: false,
    connectTimeout: connectTimeoutMs,
    // The client itself has no way to a socket that is still connecting.
    signal,
  } as const;
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'rediss:') return common;
  // Node tells no server by which name it was called unless it is told to; an address is no such name.
  const isAddress = hostname.startsWith('[') || isIP(hostname) !== 0;
  const name = isAddress ? {} : { servername: hostname };
  return { ...name, ...tls, ...common, tls: true as const };
}

function makeClient(options: RedisConnectOptions, signal: AbortSignal) {
  return createClient({
    url: options.url,
    // CLIENT SETNAME takes no white space.
    name: options.connectionName.replaceAll(/[^\x21-\x7E]/gu, '-'),
    socket: socketOf(options, signal),
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
}

/** Connections of `@redis/client`. */
export function redisConnect(options: RedisConnectOptions): Connect {
  return async (events, signal) => {
    const client = makeClient(options, signal);
    let isOver = false;
    const end = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      close(client);
      events.onClosed(error);
    };
    client.on('error', end);
    client.on('terminated', end);
    try {
      await client.connect();
      await client.subscribe(options.names.meta, (message) => hear(message, events));
    } catch (error) {
      isOver = true;
      close(client);
      throw signal.aborted ? signal.reason : error;
    }
    return new RedisConnection(client, options.names, () => {
      isOver = true;
    });
  };
}

function hear(message: string, { onWake }: ConnectionEvents): void {
  const afterUs = Number(message);
  onWake(Number.isFinite(afterUs) ? afterUs : 0);
}

function close(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It is closed already.
  }
}

class RedisConnection implements Connection {
  readonly #client: Client;
  readonly #keys: readonly string[];
  readonly #onClose: () => void;

  constructor(client: Client, { keys }: Names, onClose: () => void) {
    this.#client = client;
    this.#keys = keys;
    this.#onClose = onClose;
  }

  async call(name: ScriptName, args: readonly string[]): Promise<Reply> {
    const script = scripts[name];
    try {
      return await this.#send('EVALSHA', script.sha, args);
    } catch (error) {
      if (!isReply(error, /^NOSCRIPT\b/u)) throw kindOf(error);
      return this.#load(script, args);
    }
  }

  async info(section: string): Promise<string> {
    return this.#client.sendCommand<string>(['INFO', section]);
  }

  close(): void {
    this.#onClose();
    close(this.#client);
  }

  async #load({ text }: Script, args: readonly string[]): Promise<Reply> {
    try {
      return await this.#send('EVAL', text, args);
    } catch (error) {
      throw kindOf(error);
    }
  }

  async #send(command: string, script: string, args: readonly string[]): Promise<Reply> {
    return this.#client.sendCommand<Reply>([
      command,
      script,
      `${this.#keys.length}`,
      ...this.#keys,
      ...args,
    ]);
  }
}

function isReply(error: unknown, which: RegExp): boolean {
  return error instanceof ErrorReply && which.test(error.message);
}

function kindOf(error: unknown): unknown {
  return error instanceof ErrorReply ? errorOf(error) : error;
}
