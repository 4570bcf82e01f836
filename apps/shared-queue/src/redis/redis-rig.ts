import { createClient } from '@redis/client';

import type { ProducerConfig } from '../programs/producer-config.ts';
import type { QueueConfig } from '../programs/queue-config.ts';
import type { WorkerConfig } from '../programs/worker-config.ts';
import type { RigProgram } from '../rig/program.ts';
import { QueueRig } from '../rig/queue-rig.ts';
import type { RedisEngine } from './redis-engine.ts';

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

/** A rig on a queue on Redis. */
export class RedisRig extends QueueRig {
  readonly #options: RedisRigOptions;

  /** Makes a folder for journals and starts nothing else. */
  constructor(options: RedisRigOptions) {
    super({ folderPrefix: 'kubeloop-redis-rig-', seed: options.seed });
    this.#options = options;
  }

  /** Starts a worker and waits until it takes keys. */
  async worker(): Promise<RigProgram> {
    return this.startWorker({ ...this.#options.worker, queue: this.#queue });
  }

  /** Starts a producer and waits until it adds. */
  async producer(own: Omit<ProducerConfig, 'journal' | 'queue' | 'seed'>): Promise<RigProgram> {
    return this.startProducer({ ...own, queue: this.#queue });
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

  get #queue(): QueueConfig {
    const { name, url, engine } = this.#options;
    return { name, urls: url, redis: engine };
  }
}
