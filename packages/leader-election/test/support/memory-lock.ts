import { ApiStatusError } from '@kubeloop/client';
import type { LeaderElectionRecord } from '../../src/record.ts';
import type { LockCallOptions, ResourceLock } from '../../src/resource-lock.ts';

/** What a call of a {@link MemoryLock} does instead of answering. */
export type Fault = 'fail' | 'hang' | 'lose the answer' | 'conflict';

type Verb = 'get' | 'create' | 'update';

/** One record that many locks see, with a version, as a server keeps it. */
export class SharedRecord {
  record: LeaderElectionRecord | undefined;
  version = 0;
  /** Every write that was done. */
  readonly writes: LeaderElectionRecord[] = [];

  /** Replaces the record from outside. */
  put(record: Partial<LeaderElectionRecord>): void {
    this.record = { holderIdentity: '', leaseDurationSeconds: 15, leaderTransitions: 0, ...record };
    this.version += 1;
    this.writes.push(this.record);
  }
}

/** A lock on a {@link SharedRecord} that notes its calls and fails as told. */
export class MemoryLock implements ResourceLock {
  readonly identity: string;
  readonly calls: string[] = [];
  readonly events: string[] = [];
  /** What the next calls do, first come first served. */
  readonly faults: Fault[] = [];
  /** What all calls do from now on. */
  outage: Fault | undefined;
  /** Runs before a call is carried out. */
  before: (verb: Verb) => void = () => {};
  /** Delays answers. */
  awake: () => Promise<void> = async () => {};
  readonly #shared: SharedRecord;
  #seenVersion: number | undefined;

  constructor(shared: SharedRecord, identity: string) {
    this.#shared = shared;
    this.identity = identity;
  }

  get(options: LockCallOptions): Promise<LeaderElectionRecord> {
    return this.#call('get', options, () => {
      if (!this.#shared.record) throw failure(404, 'NotFound');
      this.#seenVersion = this.#shared.version;
      return this.#shared.record;
    });
  }

  create(record: LeaderElectionRecord, options: LockCallOptions): Promise<void> {
    return this.#call('create', options, () => {
      if (this.#shared.record) throw failure(409, 'AlreadyExists');
      this.#shared.put(record);
      return () => void (this.#seenVersion = this.#shared.version);
    }).then((noteVersion) => noteVersion());
  }

  update(record: LeaderElectionRecord, options: LockCallOptions): Promise<void> {
    return this.#call('update', options, () => {
      if (this.#seenVersion !== this.#shared.version) throw failure(409, 'Conflict');
      this.#shared.put(record);
      const { version } = this.#shared;
      return () => void (this.#seenVersion = version);
    }).then((noteVersion) => noteVersion());
  }

  recordEvent(message: string): void {
    this.events.push(message);
  }

  describe(): string {
    return 'test/memory';
  }

  async #call<T>(verb: Verb, { signal }: LockCallOptions, work: () => T): Promise<T> {
    this.calls.push(verb);
    this.before(verb);
    const fault = this.faults.shift() ?? this.outage;
    if (fault === 'fail') throw failure(500, 'InternalError');
    if (fault === 'conflict') throw failure(409, 'Conflict');
    if (fault === 'hang') return silence(signal);
    const answer = work();
    if (fault === 'lose the answer') return silence(signal);
    await this.awake();
    return answer;
  }
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function failure(code: number, reason: string): ApiStatusError {
  return new ApiStatusError({ status: { code, reason, message: reason } });
}
