import type { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { LeaderElectorOptions } from '../../src/elector-options.ts';
import { LeaderElector } from '../../src/leader-elector.ts';
import { MemoryLock, type SharedRecord } from './memory-lock.ts';

/** The wall clock stands here when the fake clock stands at 0. */
export const epochMs: number = Date.parse('2026-01-02T03:04:05.000Z');

/** An elector of a test, and what it has been through. */
export class Contender {
  readonly lock: MemoryLock;
  readonly elector: LeaderElector;
  readonly log: string[] = [];
  readonly errors: unknown[] = [];
  readonly stop: AbortController = new AbortController();
  /** The leader's signal. */
  signal: AbortSignal | undefined;
  /** What `onStartedLeading` may ask. */
  mayAct: (() => boolean) | undefined;
  /** What `onStartedLeading` returns. */
  work: Promise<void> = Promise.resolve();
  /** How `run` has ended. */
  outcome: unknown = 'running';

  constructor(
    clock: FakeClock,
    shared: SharedRecord,
    options: Partial<LeaderElectorOptions> & { readonly identity?: string } = {},
  ) {
    const { identity = 'us', ...rest } = options;
    this.lock = new MemoryLock(shared, identity);
    this.elector = new LeaderElector({
      lock: this.lock,
      clock,
      wallClock: () => epochMs + clock.now(),
      random: () => 0,
      onStartedLeading: (signal, isLeader) => {
        this.signal = signal;
        this.mayAct = isLeader;
        this.log.push('started');
        signal.addEventListener('abort', () => this.log.push('aborted'));
        return this.work;
      },
      onStoppedLeading: () => this.log.push('stopped'),
      onNewLeader: (leader) => this.log.push(`leader ${leader}`),
      onError: (error) => this.errors.push(error),
      ...rest,
    });
  }

  run(): this {
    this.elector.run({ signal: this.stop.signal }).then(
      () => (this.outcome = 'resolved'),
      (error: unknown) => (this.outcome = error),
    );
    return this;
  }
}
