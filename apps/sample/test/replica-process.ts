import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ElectionTimes } from '../src/replica/replica.ts';

/** What a process wrote of itself; `at` in milliseconds of the clock that all processes of a host share. */
export interface Noted {
  readonly event: 'ready' | 'begin' | 'end' | 'stopped' | 'lost';
  readonly at: number;
  readonly key?: string;
  readonly id?: string;
}

/** A reconcile, from its begin to its end, or to that of its process. */
export interface Interval {
  readonly by: string;
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** What all replicas share. */
export interface ReplicaProcessOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly times: ElectionTimes;
}

const program = fileURLToPath(new URL('../src/replica/main.ts', import.meta.url));

/** The time on the clock that every process of this host shares, in milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A replica of the sample in a process of its own, and its journal. */
export class ReplicaProcess {
  readonly identity: string;
  readonly journal: Noted[] = [];
  /** What it wrote on standard error. */
  complaints = '';
  /** How and when it ended; `undefined` while it runs. */
  exit: { readonly code: number | null; readonly at: number } | undefined;
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;

  constructor(identity: string, { kubeconfig, namespace, times }: ReplicaProcessOptions) {
    this.identity = identity;
    const flags = {
      kubeconfig,
      namespace,
      identity,
      lease: times.leaseDurationMs,
      renew: times.renewDeadlineMs,
      retry: times.retryPeriodMs,
    };
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    this.#process = spawn(process.execPath, ['--conditions=@kubeloop/source', program, ...args], {
      stdio: [...stdio],
    });
    this.ended = this.#noteEnd();
    this.#listen();
  }

  get isReady(): boolean {
    return this.journal.some(({ event }) => event === 'ready');
  }

  /** When reconciles began. */
  get begins(): readonly number[] {
    return this.journal.flatMap(({ event, at }) => (event === 'begin' ? [at] : []));
  }

  /** Whether a reconcile has begun and not ended. */
  get isBusy(): boolean {
    const count = (wanted: Noted['event']): number =>
      this.journal.filter(({ event }) => event === wanted).length;
    return count('begin') > count('end');
  }

  /** All its reconciles. */
  get intervals(): readonly Interval[] {
    const ends = new Map(
      this.journal.flatMap(({ event, id, at }) => (event === 'end' ? [[id, at]] : [])),
    );
    return this.journal.flatMap(({ event, id, key = '', at }) =>
      event === 'begin'
        ? [{ by: this.identity, key, from: at, to: ends.get(id) ?? this.exit?.at ?? Infinity }]
        : [],
    );
  }

  /** Sends a signal; gives the time at which that was done. */
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): number {
    const at = monotonicMs();
    this.#process.kill(signal);
    return at;
  }

  async #noteEnd(): Promise<void> {
    await once(this.#process, 'close');
    this.exit = { code: this.#process.exitCode, at: monotonicMs() };
  }

  #listen(): void {
    const { stdout, stderr } = this.#process;
    stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk.toString();
    });
    if (!stdout) return;
    createInterface(stdout).on('line', (line) => {
      // The program writes lines of this form.
      const noted = JSON.parse(line) as Omit<Noted, 'at'> & { readonly at: string };
      this.journal.push({ ...noted, at: Number(BigInt(noted.at)) / 1e6 });
    });
  }
}
