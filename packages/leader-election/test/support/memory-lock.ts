import { ApiStatusError } from '@kubeloop/client';
import type { LeaderElectionRecord } from '../../src/record.ts';
import type { LockCallOptions, ResourceLock } from '../../src/resource-lock.ts';

/** What a call of a {@link MemoryLock} does instead of answering. */
export type Fault = 'fail' | 'hang' | 'lose the answer' | 'conflict';

/** What a watch of a {@link MemoryLock} does: it rejects, or as said. */
export type WatchFault = Error | 'end' | 'never end' | 'break after one';

type Verb = 'get' | 'create' | 'update';

/** One record that many locks see, with a version, as a server keeps it. */
export class SharedRecord {
  record: LeaderElectionRecord | undefined;
  version = 0;
  /** Every write that was done. */
  readonly writes: LeaderElectionRecord[] = [];

  readonly #watches = new Set<(record: LeaderElectionRecord) => void>();

  /** How many watch. */
  get watchCount(): number {
    return this.#watches.size;
  }

  /** Replaces the record from outside. */
  put(record: Partial<LeaderElectionRecord>): void {
    this.record = { holderIdentity: '', leaseDurationSeconds: 15, leaderTransitions: 0, ...record };
    this.version += 1;
    this.writes.push(this.record);
    for (const tell of this.#watches) tell(this.record);
  }

  /** Every record from now on, until the signal aborts. */
  async *watch(signal: AbortSignal): AsyncGenerator<LeaderElectionRecord, void> {
    const told: LeaderElectionRecord[] = [];
    let next = Promise.withResolvers<void>();
    const wake = (): void => next.resolve();
    const tell = (record: LeaderElectionRecord): void => {
      told.push(record);
      wake();
    };
    this.#watches.add(tell);
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted) {
        yield* told.splice(0);
        await next.promise;
        next = Promise.withResolvers();
      }
    } finally {
      this.#watches.delete(tell);
      signal.removeEventListener('abort', wake);
    }
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
  /** How many watches were opened. */
  watches = 0;
  /** What the next watches do instead, first come first served. */
  readonly watchFaults: WatchFault[] = [];
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

  /** What was sent while nothing came through is lost. */
  async *watch({ signal }: LockCallOptions): AsyncGenerator<LeaderElectionRecord, void> {
    this.watches += 1;
    const fault = this.watchFaults.shift();
    if (fault instanceof Error) throw fault;
    if (fault === 'end') return;
    if (fault === 'never end') await new Promise(() => {});
    for await (const record of this.#shared.watch(signal)) {
      if (this.outage) continue;
      await this.awake();
      yield record;
      if (fault === 'break after one') throw failure(500, 'InternalError');
    }
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

/** What a server answers. */
export function failure(code: number, reason: string): ApiStatusError {
  return new ApiStatusError({ status: { code, reason, message: reason } });
}
