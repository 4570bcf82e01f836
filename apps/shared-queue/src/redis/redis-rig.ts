import { fileURLToPath } from 'node:url';

import { createClient } from '@redis/client';

import { waitUntil } from '../broker/wait-until.ts';
import { Watchdog } from '../broker/watchdog.ts';
import type { ProducerConfig, Progress } from '../programs/producer-config.ts';
import type { QueueConfig } from '../programs/queue-config.ts';
import type { WorkerConfig } from '../programs/worker-config.ts';
import { check, type Verdict } from '../rig/checker.ts';
import { monotonicMs } from '../rig/monotonic.ts';
import { RigProgram } from '../rig/program.ts';
import type { RedisEngine } from './redis-engine.ts';

const workerFile = fileURLToPath(new URL('../programs/worker.ts', import.meta.url));
const producerFile = fileURLToPath(new URL('../programs/producer.ts', import.meta.url));

/** What a rig is set up on. */
export interface RedisRigOptions {
  /** Name of the queue. */
  readonly name: string;
  /** How the server is reached. */
  readonly url: string;
  /** What the queue is told. */
  readonly engine: RedisEngine;
  /** What every worker does unless told otherwise. */
  readonly worker?: Partial<Omit<WorkerConfig, 'journal' | 'queue' | 'seed'>>;
  /** Of everything that is drawn. */
  readonly seed: number;
}

/** Workers and producers in processes of their own on a queue on Redis, and what their journals say. */
export class RedisRig implements AsyncDisposable {
  /** Every life of a worker, in the order of their starts. */
  readonly workers: RigProgram[] = [];
  /** Every producer, in the order of their starts. */
  readonly producers: RigProgram[] = [];
  readonly #options: RedisRigOptions;
  readonly #watchdog: Watchdog = Watchdog.start('kubeloop-redis-rig-');

  /** Makes a folder for journals and starts nothing else. */
  constructor(options: RedisRigOptions) {
    this.#options = options;
  }

  /** Starts a worker and waits until it takes keys. */
  async worker(url: string = this.#options.url): Promise<RigProgram> {
    const name = `worker-${this.workers.length}`;
    const { worker, seed } = this.#options;
    const config = { ...worker, queue: this.#queue(name, url), seed: seed + this.workers.length };
    const program = new RigProgram({ name, file: workerFile, config, watchdog: this.#watchdog });
    this.workers.push(program);
    return program.ready();
  }

  /** Starts a producer and waits until it adds. */
  async producer(own: Omit<ProducerConfig, 'journal' | 'queue' | 'seed'>): Promise<RigProgram> {
    const name = `producer-${this.producers.length}`;
    const seed = this.#options.seed + 1000 + this.producers.length;
    const config = { ...own, queue: this.#queue(name, this.#options.url), seed };
    const program = new RigProgram({ name, file: producerFile, config, watchdog: this.#watchdog });
    this.producers.push(program);
    return program.ready();
  }

  /** Has a producer stop, and waits until all that it sent is confirmed. */
  async finish(producer: RigProgram): Promise<Progress> {
    // The program answers with this type.
    const progress = (await producer.ask('finish')) as Progress;
    await producer.stop();
    return progress;
  }

  /** The workers that run. */
  get living(): RigProgram[] {
    return this.workers.filter((worker) => worker.end === undefined);
  }

  /** What the journals say so far. */
  verdict(): Verdict {
    return check(
      this.workers.map(({ name, lines, endedAtMs }) => ({ name, lines, endedAtMs })),
      this.producers.map(({ lines }) => lines),
    );
  }

  /** Waits until no confirmed add lacks its run, no run is under way, and the server holds no key. */
  async settled(timeoutMs: number = 40_000): Promise<Verdict> {
    let left = -1;
    const detail = (): string => {
      const logs = this.workers.map(
        ({ name, end, lastOutput }) => `${name} (${end}):\n${lastOutput}`,
      );
      return `The server holds ${left} keys, ${this.verdict().lost.length} adds lack a run\n${logs.join('\n')}`;
    };
    return waitUntil(
      { what: 'every confirmed add has had its run', timeoutMs, intervalMs: 200, detail },
      async () => {
        left = await this.left();
        const verdict = this.verdict();
        const isOver = verdict.runs.every((run) => Number.isFinite(run.endMs));
        return left === 0 && verdict.lost.length === 0 && isOver && verdict;
      },
    );
  }

  /** Waits until no run has started for two seconds, for a queue that may lose adds and so never settles. */
  async quiet(timeoutMs: number = 40_000): Promise<Verdict> {
    return waitUntil({ what: 'no run starts any more', timeoutMs, intervalMs: 200 }, () => {
      const verdict = this.verdict();
      const lastMs = verdict.runs.at(-1)?.startMs ?? 0;
      return monotonicMs() - lastMs > 2000 && verdict;
    });
  }

  /** How many keys the server holds for the queue: queued, in work, waiting for their time. */
  async left(): Promise<number> {
    const client = createClient({ url: this.#options.url });
    client.on('error', () => undefined); // The calls reject too.
    await client.connect();
    const part = (name: string): string => `wq:{${this.#options.name}}:v1:${name}`;
    const [pend, proc, delay] = await Promise.all([
      client.zCard(part('pend')),
      client.hLen(part('proc')),
      client.zCard(part('delay')),
    ]);
    client.destroy();
    return pend + proc + delay;
  }

  /** Kills what still runs and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers, ...this.producers].map(async (each) => each.kill()));
    await this.#watchdog.release();
  }

  #queue(identity: string, url: string): QueueConfig {
    const { name, engine } = this.#options;
    return { name, urls: url, identity, redis: engine };
  }
}
