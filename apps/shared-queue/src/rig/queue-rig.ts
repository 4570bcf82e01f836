import { fileURLToPath } from 'node:url';

import { waitUntil } from '../broker/wait-until.ts';
import { Watchdog } from '../broker/watchdog.ts';
import type { ProducerConfig, Progress } from '../programs/producer-config.ts';
import type { WorkerConfig } from '../programs/worker-config.ts';
import { check, type Verdict } from './checker.ts';
import { monotonicMs } from './monotonic.ts';
import { RigProgram } from './program.ts';

const workerFile = fileURLToPath(new URL('../programs/worker.ts', import.meta.url));
const producerFile = fileURLToPath(new URL('../programs/producer.ts', import.meta.url));

/** What every rig is made with. */
interface QueueRigOptions {
  /** What the name of its temporary folder begins with. */
  readonly folderPrefix: string;
  /** Of everything that is drawn; each program gets one of its own from it. */
  readonly seed: number;
}

/** What a program is told, without what its rig adds. */
type Told<Config> = Omit<Config, 'journal' | 'seed'>;

/** Workers and producers in processes of their own on one queue, and what their journals say; whatever the queue lives on. */
export abstract class QueueRig implements AsyncDisposable {
  /** Every life of a worker, in the order of their starts. */
  readonly workers: RigProgram[] = [];
  /** Every producer, in the order of their starts. */
  readonly producers: RigProgram[] = [];
  readonly #watchdog: Watchdog;
  readonly #seed: number;

  /** Makes a folder for journals and starts nothing else. */
  protected constructor({ folderPrefix, seed }: QueueRigOptions) {
    this.#watchdog = Watchdog.start(folderPrefix);
    this.#seed = seed;
  }

  /** How much the server still holds for the queue, whatever it counts. */
  abstract left(): Promise<number>;

  /** The workers that run, in the order of their starts. */
  get living(): RigProgram[] {
    return this.workers.filter((worker) => worker.end === undefined);
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

  /** Waits until no confirmed add lacks its run, no run is under way, and neither workers nor server hold anything. */
  async settled(timeoutMs: number = 40_000): Promise<Verdict> {
    let left: number | undefined;
    const detail = (): string =>
      `What the server holds: ${left ?? 'not asked yet'}. ${this.#unsettled()}`;
    return waitUntil(
      { what: 'every confirmed add has had its run', timeoutMs, intervalMs: 250, detail },
      async () => {
        if (!isSettled(this.verdict())) return false;
        if (!(await this.workersHoldNothing())) return false;
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
      const lastMs = verdict.runs.at(-1)?.startMs ?? 0;
      return monotonicMs() - lastMs > 2000 && verdict;
    });
  }

  /** Asks all living workers to end in an orderly way, and waits. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.stop()));
  }

  /** Kills what still runs and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers, ...this.producers].map(async (each) => each.kill()));
    await this.#watchdog.release();
  }

  /** Starts a worker and waits until it takes keys. */
  protected async startWorker(told: Told<WorkerConfig>): Promise<RigProgram> {
    const name = `worker-${this.workers.length}`;
    const seed = this.#seed + this.workers.length;
    return this.#start(this.workers, { name, file: workerFile, told: { ...told, seed } });
  }

  /** Starts a producer and waits until it adds. */
  protected async startProducer(told: Told<ProducerConfig>): Promise<RigProgram> {
    const name = `producer-${this.producers.length}`;
    const seed = this.#seed + 1000 + this.producers.length;
    return this.#start(this.producers, { name, file: producerFile, told: { ...told, seed } });
  }

  /** Whether no living worker holds anything that {@link left} may not count; for queues of which this can be asked. */
  protected async workersHoldNothing(): Promise<boolean> {
    return true;
  }

  async #start(programs: RigProgram[], { name, file, told }: StartOptions): Promise<RigProgram> {
    const config = { ...told, queue: { ...told.queue, identity: name } };
    const program = new RigProgram({ name, file, config, watchdog: this.#watchdog });
    programs.push(program);
    return program.ready();
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

/** Which program is started, and what it is told beside its journal. */
interface StartOptions {
  readonly name: string;
  readonly file: string;
  readonly told: Omit<WorkerConfig, 'journal'> | Omit<ProducerConfig, 'journal'>;
}

function isSettled({ lost, runs }: Verdict): boolean {
  return lost.length === 0 && runs.every((run) => Number.isFinite(run.endMs));
}
