import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { Engine } from '../src/engine.ts';
import { Link } from '../src/link.ts';
import type { RedisQueueOptions } from '../src/options.ts';
import { Report } from '../src/report.ts';
import type { ScriptName } from '../src/scripts.ts';
import { settingsOf } from '../src/settings.ts';
import type { Connect, Connection, ConnectionEvents, Reply } from '../src/transport.ts';

/** A call that was made, to be answered by the test. */
export interface FakeCall {
  readonly script: ScriptName;
  readonly args: readonly string[];
  readonly answer: (reply: Reply) => void;
  readonly fail: (error: unknown) => void;
}

/** A server without any script: tests answer its calls. */
export class FakeServer {
  readonly calls: FakeCall[] = [];
  readonly errors: unknown[] = [];
  readonly clock: FakeClock = new FakeClock();
  connections = 0;
  /** Scripts that are answered at once, and are not among the calls. */
  readonly answers: Partial<Record<ScriptName, Reply>> = {};
  /** Whether connections are refused. */
  isAway = false;
  /** Whether connections are accepted, and nothing is said on them. */
  isFrozen = false;
  #events: ConnectionEvents | undefined;
  #open: FakeCall[] = [];

  /** What a link connects by. */
  readonly connect: Connect = async (events, signal) => {
    if (this.isAway) throw new Error('no server');
    if (this.isFrozen) {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    }
    this.connections += 1;
    this.#events = events;
    return this.#connection();
  };

  /** A queue on it, which is open. */
  async engine(options: Partial<RedisQueueOptions> = {}): Promise<Engine> {
    Object.assign(this.answers, { layout: '1', recover: 0 });
    const all: RedisQueueOptions = {
      name: 'test',
      url: 'redis://test',
      identity: 'me',
      clock: this.clock,
      random: () => 0.5,
      onError: (error) => void this.errors.push(error),
      ...options,
    };
    const { clock, connect } = this;
    const engine = new Engine({
      settings: settingsOf(all),
      options: all,
      connect,
      epochNow: () => clock.now(),
    });
    await engine.open(undefined);
    return engine;
  }

  /** A link to it, which is opened. */
  async link(hooks: { readonly onReady?: () => void } = {}): Promise<Link> {
    const settings = settingsOf({
      name: 'test',
      url: 'redis://test',
      clock: this.clock,
      random: () => 0.5,
    });
    const link = new Link({
      connect: this.connect,
      settings,
      report: this.report,
      onUp: async () => undefined,
      onReady: hooks.onReady ?? ((): void => undefined),
      onWake: () => undefined,
    });
    await link.open();
    return link;
  }

  get report(): Report {
    return new Report((error) => void this.errors.push(error), undefined);
  }

  /** Cuts the connection. */
  cut(): void {
    this.#events?.onClosed(new Error('cut'));
  }

  #connection(): Connection {
    return {
      call: (script, args) => {
        const known = this.answers[script];
        if (known !== undefined) return Promise.resolve(known);
        const { promise, resolve, reject } = Promise.withResolvers<Reply>();
        const call = { script, args, answer: resolve, fail: reject };
        this.calls.push(call);
        this.#open.push(call);
        return promise;
      },
      info: async () => '',
      close: () => {
        for (const call of this.#open) call.fail(new Error('closed'));
        this.#open = [];
      },
    };
  }
}
