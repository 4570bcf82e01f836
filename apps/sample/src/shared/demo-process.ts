import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Message } from './messages.ts';
import type { Settings } from './settings.ts';

/** One process of the demo. It ends when this one does, however that ends. */
export class DemoProcess {
  readonly name: string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();

  /** Starts a program of this folder; `hear` is told of what it says. */
  constructor(
    program: 'informer-program.ts' | 'worker-program.ts',
    settings: Settings,
    hear: (from: string, message: Message) => void,
  ) {
    this.name = settings.identity;
    const file = fileURLToPath(new URL(program, import.meta.url));
    const args = ['--conditions=@kubeloop/source', file, JSON.stringify(settings)];
    // In a process group of its own, so that a Ctrl-C reaches only this process, which stops all in order.
    const child = spawn(process.execPath, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    this.#child = child;
    this.ended = new Promise((resolve) => void child.once('close', () => resolve()));
    void this.ended.then(() =>
      this.#ready.reject(
        new Error(`${this.name} ended with ${child.exitCode ?? child.signalCode}`),
      ),
    );
    // Whoever does not wait for it learns of its end otherwise.
    this.#ready.promise.catch(() => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      // The program writes messages, one a line.
      const message = JSON.parse(line) as Message;
      if (message.event === 'ready') this.#ready.resolve();
      hear(this.name, message);
    });
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when it is ready. Throws an `Error` when it ends before. */
  async ready(): Promise<void> {
    await this.#ready.promise;
  }

  /** Ends it as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end, and waits. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.ended;
  }
}
