import { fileURLToPath } from 'node:url';

import type { AmqpQueueDescription } from '@kubeloop/workqueue-amqp';

import type { Broker } from '../broker/broker.ts';
import { waitUntil } from '../broker/wait-until.ts';
import { Watchdog } from '../broker/watchdog.ts';
import type { ProducerConfig, Progress } from '../programs/producer-config.ts';
import type { QueueConfig } from '../programs/queue-config.ts';
import type { WorkerConfig } from '../programs/worker-config.ts';
import { check, type Verdict } from './checker.ts';
import { monotonicMs } from './monotonic.ts';
import { RigProgram } from './program.ts';

const workerFile = fileURLToPath(new URL('../programs/worker.ts', import.meta.url));
const producerFile = fileURLToPath(new URL('../programs/producer.ts', import.meta.url));

/** What a rig is set up on. */
export interface RigOptions {
  /** Where the queue lives. */
  readonly broker: Broker;
  /** The queue, which every program opens; `urls` default to the broker's own. */
  readonly queue: Omit<QueueConfig, 'urls'> & { readonly urls?: QueueConfig['urls'] };
  /** What every worker does unless told otherwise. */
  readonly worker?: WorkerOverrides;
  /** Of everything that is drawn; each program gets one of its own from it. */
  readonly seed: number;
}

/** What one worker does differently; `queue` is laid over the rig's. */
export type WorkerOverrides = Partial<Omit<WorkerConfig, 'journal' | 'queue' | 'seed'>> & {
  readonly queue?: Partial<QueueConfig>;
};

/** What a producer does; `queue` is laid over the rig's. */
export type ProducerOverrides = Omit<ProducerConfig, 'journal' | 'queue' | 'seed'> & {
  readonly queue?: Partial<QueueConfig>;
};

/** Workers and producers in processes of their own, and what their journals say. */
export class Rig implements AsyncDisposable {
  /** Every life of a worker, in the order of their starts. */
  readonly workers: RigProgram[] = [];
  /** Every producer, in the order of their starts. */
  readonly producers: RigProgram[] = [];
  readonly #options: RigOptions;
  readonly #watchdog: Watchdog = Watchdog.start('kubeloop-rig-');

  /** Makes a folder for journals and starts nothing else. */
  constructor(options: RigOptions) {
    this.#options = options;
  }

  /** The queue's options. */
  get queue(): QueueConfig {
    const { broker, queue } = this.#options;
    return { urls: broker.urls, ...queue };
  }

  /** Starts a worker and waits until it takes keys. */
  async worker(overrides: WorkerOverrides = {}): Promise<RigProgram> {
    const { worker = {}, seed } = this.#options;
    const { queue, ...own } = { ...worker, ...overrides };
    const name = `worker-${this.workers.length}`;
    const config = {
      ...own,
      queue: { ...this.queue, ...worker.queue, ...queue, identity: name },
      seed: seed + this.workers.length,
    } satisfies Omit<WorkerConfig, 'journal'>;
    const program = new RigProgram({ name, file: workerFile, config, watchdog: this.#watchdog });
    this.workers.push(program);
    return program.ready();
  }

  /** Starts a producer and waits until it adds. */
  async producer({ queue, ...own }: ProducerOverrides): Promise<RigProgram> {
    const name = `producer-${this.producers.length}`;
    const config = {
      ...own,
      queue: { ...this.queue, ...queue, identity: name },
      seed: this.#options.seed + 1000 + this.producers.length,
    } satisfies Omit<ProducerConfig, 'journal'>;
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

  /** What the journals say so far. */
  verdict(): Verdict {
    return check(
      this.workers.map(({ name, lines, endedAtMs }) => ({ name, lines, endedAtMs })),
      this.producers.map(({ lines }) => lines),
    );
  }

  /** Waits until no confirmed add lacks its run, no run is under way, and neither workers nor broker hold any message. */
  async settled(timeoutMs: number): Promise<Verdict> {
    let left = -1;
    const detail = (): string => `The broker holds ${left} messages. ${this.#unsettled()}`;
    return waitUntil(
      { what: 'every confirmed add has had its run', timeoutMs, intervalMs: 250, detail },
      async () => {
        if (!isSettled(this.verdict())) return false;
        if (!(await this.#holdNothing())) return false;
        left = await this.left();
        const verdict = this.verdict();
        return left === 0 && isSettled(verdict) && verdict;
      },
    );
  }

  /** Waits until no run has started for two seconds, for a queue that may lose adds and so never settles. */
  async quiet(timeoutMs: number = 60_000): Promise<Verdict> {
    return waitUntil({ what: 'no run starts any more', timeoutMs, intervalMs: 250 }, () => {
      const verdict = this.verdict();
      const lastMs = Math.max(0, ...verdict.runs.slice(-20).map((run) => run.startMs));
      return monotonicMs() - lastMs > 2000 && verdict;
    });
  }

  /** The workers that run, the one that started a run last first. */
  get living(): RigProgram[] {
    const living = this.workers.filter((worker) => worker.end === undefined);
    const lastStart = (worker: RigProgram): number =>
      worker.lines.findLast((line) => line.word === 'S')?.atMs ?? 0;
    return living.sort((a, b) => lastStart(b) - lastStart(a));
  }

  /** Asks all living workers to end in an orderly way, and waits. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.stop()));
  }

  /** How many messages are left in all queues of the rig's queue, after its workers have stopped. */
  async left(): Promise<number> {
    return messagesLeft(this.#options.broker, this.#options.queue.name);
  }

  /** Kills what still runs and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers, ...this.producers].map(async (each) => each.kill()));
    await this.#watchdog.release();
  }

  /** Whether no living worker holds a message of the broker. */
  async #holdNothing(): Promise<boolean> {
    const descriptions = await Promise.all(this.living.map(async (worker) => describe(worker)));
    return descriptions
      .flatMap(({ partitions }) => partitions)
      .every((each) => each.windowFill === 0);
  }

  #unsettled(): string {
    const { lost, runs } = this.verdict();
    const open = runs.filter((run) => run.endMs === Number.POSITIVE_INFINITY);
    const some = lost.slice(0, 5).map(({ key, sentMs }) => `${key} sent at ${sentMs}`);
    const logs = this.workers.map(
      ({ name, end, lastOutput }) => `${name} (${end}):\n${lastOutput}`,
    );
    return `${lost.length} adds lack a run (${some.join(', ')}), ${open.length} runs are under way\n${logs.join('\n')}`;
  }
}

function isSettled({ lost, runs }: Verdict): boolean {
  return lost.length === 0 && runs.every((run) => Number.isFinite(run.endMs));
}

/** What a worker on the real queue says of its queue. */
export async function describe(worker: RigProgram): Promise<AmqpQueueDescription> {
  // The program answers with this type.
  return (await worker.ask('describe')) as AmqpQueueDescription;
}

/**
 * How many messages the broker holds for a queue, ready ones and those that nobody has acknowledged, parked ones left out. Asks the Raft
 * state machines themselves: all else answers from numbers that are seconds old, or leaves out what was delivered.
 */
export async function messagesLeft(broker: Broker, name: string): Promise<number> {
  const text = await broker.eval(
    `lists:sum([begin {ok, T, _} = ra:consistent_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1), T end ` +
      `|| Q <- rabbit_amqqueue:list(), is_tuple(amqqueue:get_pid(Q)), N <- [binary_to_list(element(4, amqqueue:get_name(Q)))], ` +
      `lists:prefix("wq.${name}.", N), not lists:suffix(".park", N)]).`,
  );
  const count = Number(text);
  if (!Number.isInteger(count)) throw new Error(`Cannot count the messages of "${name}": ${text}`);
  return count;
}
