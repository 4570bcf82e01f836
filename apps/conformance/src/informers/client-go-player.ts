import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { Report } from './outcome.ts';
import type { Order, Play, Player } from './player.ts';

/** Plays scenarios with client-go: one process for all of them. */
export class ClientGoPlayer implements Player, AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<string, PromiseWithResolvers<Report>>();
  #said = '';

  /** @param program - the path of the built `cmd/informer` */
  constructor(program: string) {
    this.#process = spawn(program, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr?.on('data', (text: Buffer) => (this.#said += text.toString()));
    this.#process.once('exit', () => this.#failAll());
    this.#process.once('error', () => this.#failAll());
    if (!this.#process.stdout) throw new Error('Cannot read what client-go says: it has no output');
    createInterface(this.#process.stdout).on('line', (line) => {
      // What the program in go/cmd/informer writes.
      const report = JSON.parse(line) as Report & { readonly id: string };
      this.#waiting.get(report.id)?.resolve(report);
      this.#waiting.delete(report.id);
    });
  }

  play(order: Order): Play {
    const waiting = Promise.withResolvers<Report>();
    this.#waiting.set(order.id, waiting);
    this.#send(order);
    return { report: waiting.promise, stop: () => this.#send({ id: order.id, stop: true }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  #send(order: object): void {
    this.#process.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #failAll(): void {
    for (const { reject } of this.#waiting.values())
      reject(new Error(`Cannot play with client-go: the program ended. ${this.#said}`));
    this.#waiting.clear();
  }
}
