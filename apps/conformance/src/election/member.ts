import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ControlPlaneAccess } from '@kubeloop/control-plane';

/** What a process says of itself; `at` is milliseconds of CLOCK_MONOTONIC, which all processes of a host share. */
export interface Said {
  readonly event: 'running' | 'leader' | 'started' | 'work' | 'stopped' | 'lost' | 'ended';
  readonly at: number;
}

/** The times of an election. */
export interface Times {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/** What all members of an election share. */
export interface Election {
  readonly access: ControlPlaneAccess;
  readonly namespace: string;
  readonly name: string;
  readonly times: Times;
  /** The path of client-go's program. */
  readonly goProgram: string;
}

const ourProgram = fileURLToPath(new URL('member-program.ts', import.meta.url));

/** The time on the clock that every process of this host shares, in milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** One process that takes part in an election, until it ends; what it said and what was done to it. */
export class Member {
  /** Whose elector it runs. */
  readonly kind: 'ours' | 'client-go';
  readonly identity: string;
  readonly said: Said[] = [];
  /** When it was paused and when it went on. */
  readonly pauses: { readonly from: number; to: number }[] = [];
  /** What it wrote on standard error. */
  complaints = '';
  /** How it ended, or `undefined` while it runs. */
  exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;

  constructor(election: Election, kind: Member['kind'], identity: string) {
    this.kind = kind;
    this.identity = identity;
    const { access, times } = election;
    const program =
      kind === 'ours'
        ? [process.execPath, '--conditions=@kubeloop/source', ourProgram]
        : [election.goProgram];
    const flags = [
      `--server=${access.server}`,
      `--namespace=${election.namespace}`,
      `--name=${election.name}`,
      `--identity=${identity}`,
      `--lease=${times.leaseMs}ms`,
      `--renew=${times.renewMs}ms`,
      `--retry=${times.retryMs}ms`,
      '--every=10ms',
    ];
    const [command = '', ...first] = program;
    this.#process = spawn(command, [...first, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ELECTOR_TOKEN: access.token, ELECTOR_CA: access.ca },
    });
    this.ended = this.#noteEnd();
    this.#listen();
  }

  /** Whether it says that it leads. */
  get leads(): boolean {
    const last = this.said.findLast(({ event }) => event !== 'work' && event !== 'leader');
    return last?.event === 'started';
  }

  /** Whether it takes part. */
  get runs(): boolean {
    return this.exit === undefined && this.said.some(({ event }) => event === 'running');
  }

  /** When it began to lead, the last time. */
  get startedAt(): number | undefined {
    return this.said.findLast(({ event }) => event === 'started')?.at;
  }

  /** When its work ended, the last time. */
  get stoppedAt(): number | undefined {
    return this.said.findLast(({ event }) => event === 'stopped')?.at;
  }

  /** As SIGSTOP does. */
  pause(): void {
    this.#process.kill('SIGSTOP');
    this.pauses.push({ from: monotonicMs(), to: Infinity });
  }

  /** As SIGCONT does. */
  resume(): void {
    const pause = this.pauses.at(-1);
    if (pause) pause.to = monotonicMs();
    this.#process.kill('SIGCONT');
  }

  /** Ends it, one way or the other. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#process.kill(signal);
  }

  async #noteEnd(): Promise<void> {
    await once(this.#process, 'close');
    this.exit = { code: this.#process.exitCode, signal: this.#process.signalCode };
  }

  #listen(): void {
    const { stdout, stderr } = this.#process;
    stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk.toString();
    });
    if (!stdout) return;
    createInterface(stdout).on('line', (line) => {
      // Both programs write lines of this form.
      const { event, at } = JSON.parse(line) as { event: Said['event']; at: string };
      this.said.push({ event, at: Number(BigInt(at)) / 1e6 });
    });
  }
}
