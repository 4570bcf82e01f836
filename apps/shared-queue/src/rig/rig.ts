import type { Broker } from '../broker/broker.ts';
import type { ProducerConfig } from '../programs/producer-config.ts';
import type { QueueConfig } from '../programs/queue-config.ts';
import type { WorkerConfig } from '../programs/worker-config.ts';
import type { RigProgram } from './program.ts';
import { describe } from './questions.ts';
import { QueueRig } from './queue-rig.ts';

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

/** A rig on a queue on RabbitMQ. */
export class Rig extends QueueRig {
  readonly #options: RigOptions;

  /** Makes a folder for journals and starts nothing else. */
  constructor(options: RigOptions) {
    super({ folderPrefix: 'kubeloop-rig-', seed: options.seed });
    this.#options = options;
  }

  /** The queue's options. */
  get queue(): QueueConfig {
    const { broker, queue } = this.#options;
    return { urls: broker.urls, ...queue };
  }

  /** Starts a worker and waits until it takes keys. */
  async worker(overrides: WorkerOverrides = {}): Promise<RigProgram> {
    const { worker = {} } = this.#options;
    const { queue, ...own } = { ...worker, ...overrides };
    return this.startWorker({ ...own, queue: { ...this.queue, ...worker.queue, ...queue } });
  }

  /** Starts a producer and waits until it adds. */
  async producer({ queue, ...own }: ProducerOverrides): Promise<RigProgram> {
    return this.startProducer({ ...own, queue: { ...this.queue, ...queue } });
  }

  /** The workers that run, the one that started a run last first. */
  override get living(): RigProgram[] {
    const lastStart = (worker: RigProgram): number =>
      worker.lines.findLast((line) => line.word === 'S')?.atMs ?? 0;
    return super.living.sort((a, b) => lastStart(b) - lastStart(a));
  }

  /** How many messages are left in all queues of the rig's queue, after its workers have stopped. */
  async left(): Promise<number> {
    return messagesLeft(this.#options.broker, this.#options.queue.name);
  }

  /** Whether no living worker holds a message of the broker. */
  protected override async workersHoldNothing(): Promise<boolean> {
    const descriptions = await Promise.all(this.living.map(async (worker) => describe(worker)));
    return descriptions
      .flatMap(({ partitions }) => partitions)
      .every((each) => each.windowFill === 0);
  }
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
