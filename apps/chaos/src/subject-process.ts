import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { parseMessage } from './subject-protocol.ts';
import type {
  MemoryMessage,
  StoppedMessage,
  StoreMessage,
  SubjectCommand,
  SubjectConfig,
  SubjectMessage,
} from './subject-protocol.ts';

/** How a subject is started. */
export interface SubjectProgram {
  readonly command: string;
  /** Arguments before the configuration. */
  readonly args: readonly string[];
}

/** What {@link SubjectProcess} needs. */
export interface SubjectProcessOptions {
  readonly program: SubjectProgram;
  readonly config: SubjectConfig;
  /** Told every message, in order, before whoever waits for it. */
  readonly onMessage: (message: SubjectMessage) => void;
}

/** How a subject ended. */
export interface SubjectEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
}

/** One running subject. */
export class SubjectProcess {
  /** Resolves when the process is gone and all it said has been read; never rejects. */
  readonly ended: Promise<SubjectEnd>;
  readonly #options: SubjectProcessOptions;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<number, (message: StoreMessage | MemoryMessage) => void>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<StoppedMessage>();
  #stderr = '';
  #lastId = 0;
  #end: SubjectEnd | undefined;

  constructor(options: SubjectProcessOptions) {
    this.#options = options;
    const { command, args } = options.program;
    this.#child = spawn(command, [...args, JSON.stringify(options.config)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // For Go: notice a dead HTTP/2 connection in seconds rather than in 45 of them.
        ...(options.config.settings === 'tuned' && {
          HTTP2_READ_IDLE_TIMEOUT_SECONDS: '3',
          HTTP2_PING_TIMEOUT_SECONDS: '2',
        }),
      },
    });
    this.#child.stdin.on('error', () => undefined); // It is gone; `ended` says so.
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
    const { promise, resolve } = Promise.withResolvers<SubjectEnd>();
    this.ended = promise;
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      this.#end = { code, signal, stderr: this.#stderr };
      resolve(this.#end);
    };
    this.#child.once('error', (error) => {
      this.#stderr += error.message;
      finish(null, null);
    });
    this.#child.once('close', finish);
  }

  /** How it ended; `undefined` while it runs. */
  get end(): SubjectEnd | undefined {
    return this.#end;
  }

  /** Waits until every resource was listed. */
  async synced(timeoutMs: number): Promise<void> {
    await this.#within(this.#synced.promise, timeoutMs, 'say that it is synced');
  }

  /** What its caches hold. */
  async store(timeoutMs: number): Promise<StoreMessage> {
    const answer = await this.#ask('store', timeoutMs);
    if (answer.type !== 'store')
      throw new Error('The subject answered "store" with something else');
    return answer;
  }

  /** How much memory it has after collecting garbage. */
  async memory(timeoutMs: number): Promise<MemoryMessage> {
    const answer = await this.#ask('gc', timeoutMs);
    if (answer.type !== 'memory') throw new Error('The subject answered "gc" with something else');
    return answer;
  }

  /** Asks it to stop, and returns what it said last. */
  async stop(timeoutMs: number): Promise<StoppedMessage> {
    this.#say({ cmd: 'stop' });
    return this.#within(this.#stopped.promise, timeoutMs, 'say that it has stopped');
  }

  /** Kills it, if it still runs, and waits for its end. */
  async kill(): Promise<void> {
    if (this.#end === undefined) this.#child.kill('SIGKILL');
    await this.ended;
  }

  async #ask(cmd: 'store' | 'gc', timeoutMs: number): Promise<StoreMessage | MemoryMessage> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<StoreMessage | MemoryMessage>();
    this.#waiting.set(id, resolve);
    this.#say({ cmd, id });
    try {
      return await this.#within(promise, timeoutMs, `answer "${cmd}"`);
    } finally {
      this.#waiting.delete(id);
    }
  }

  #say(command: SubjectCommand): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #hear(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) return;
    this.#options.onMessage(message);
    if (message.type === 'synced') this.#synced.resolve();
    else if (message.type === 'stopped') this.#stopped.resolve(message);
    else if (message.type === 'store') this.#waiting.get(message.id)?.(message);
    else if (message.type === 'memory' && message.id !== undefined)
      this.#waiting.get(message.id)?.(message);
  }

  async #within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`The subject did not ${what} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const gone = this.ended.then((end): never => {
      throw new Error(`The subject ended: ${describeEnd(end)}`);
    });
    try {
      return await Promise.race([promise, late.promise, gone]);
    } finally {
      clearTimeout(timer);
      gone.catch(() => undefined); // Reported only to those who waited.
    }
  }
}

/** An end in words. */
export function describeEnd({ code, signal, stderr }: SubjectEnd): string {
  const how = code === null ? `signal ${signal ?? 'none'}` : `code ${code}`;
  const last = stderr.trim().split('\n').slice(-8).join('\n');
  return last === '' ? how : `${how}\n${last}`;
}
