import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { Engine } from '../src/engine.ts';
import type { AmqpQueueOptions } from '../src/options.ts';
import { settingsOf } from '../src/settings.ts';
import { FakeBroker } from './fake-broker.ts';

/** A key that was taken. */
interface WorkedOn {
  readonly item: string;
  readonly priority?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A shared queue on a broker in memory, whose time the test moves. */
export class Rig {
  readonly clock: FakeClock = new FakeClock(1000);
  readonly broker: FakeBroker = new FakeBroker(this.clock);
  readonly errors: string[] = [];
  /** The time of day is this much more than the clock's. */
  epochOffsetMs = 1_700_000_000_000;
  #opened = 0;

  /** Opens the queue as one more process would. */
  async open(options: Partial<AmqpQueueOptions> = {}): Promise<Engine> {
    this.#opened += 1;
    const engine = this.engine({ identity: `process-${this.#opened}`, ...options });
    await engine.open(undefined);
    return engine;
  }

  /** The same, not opened. */
  engine(options: Partial<AmqpQueueOptions> = {}): Engine {
    const all: AmqpQueueOptions = {
      name: 'pods',
      urls: 'amqp://broker',
      partitions: 4,
      heartbeatMs: 4000,
      takeoverGraceMs: 0,
      clock: this.clock,
      random: () => 0,
      onError: (error, action) => this.errors.push(`${action}: ${String(error)}`),
      ...options,
    };
    return new Engine({
      settings: { ...settingsOf(all), settleMs: 0, epochGrainMs: 0 },
      options: all,
      connect: this.broker.connect,
      epochNow: () => this.clock.now() + this.epochOffsetMs,
    });
  }

  /** Takes a key, which must be there without time passing. */
  async take(engine: Engine): Promise<string> {
    const result = await this.tryTake(engine);
    if (result === undefined) throw new Error('There is no key to take');
    return result.item;
  }

  /** Takes a key if there is one without time passing. */
  async tryTake(engine: Engine): Promise<WorkedOn | undefined> {
    const controller = new AbortController();
    const get = engine.get({ signal: controller.signal });
    get.catch(() => {});
    await this.settle();
    controller.abort();
    try {
      const result = await get;
      return result.shutdown ? undefined : result;
    } catch {
      return undefined;
    }
  }

  /** Lets a process begin to consume. */
  async join(engine: Engine): Promise<void> {
    await engine.get({ signal: AbortSignal.abort() }).catch(() => {});
    await this.settle();
  }

  /** Lets everything happen that needs no time, at all processes. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await this.clock.settle();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.stepAsync(ms);
    await this.settle();
  }
}
