import type { QueueConfig } from './queue-config.ts';

/** What a worker process gets as its argument, in JSON. */
export interface WorkerConfig {
  readonly queue: QueueConfig;
  /** Path of the file for its lines. */
  readonly journal: string;
  /** How many keys at a time; default 8. */
  readonly concurrency?: number;
  /** Shortest and longest run, in milliseconds; default none at all. */
  readonly runMs?: readonly [number, number];
  /** What a run does when its signal aborts; default `go on`, which is the harder case. */
  readonly onAbort?: 'end' | 'go on';
  /** Of the lengths of runs. */
  readonly seed: number;
  /** Keys that begin so always fail. */
  readonly failing?: string;
  /** Keys that begin so take so long. */
  readonly hanging?: { readonly prefix: string; readonly runMs: number };
  /** Lets runs end only after the worker was asked to `release` them; default false. */
  readonly holds?: boolean;
  /**
   * Address below which each key is a ConfigMap that a run reads when it starts, and writes when it ends, on the condition that nobody
   * else has written it.
   */
  readonly objects?: string;
}

/** What a worker says of itself when it is asked for `usage`. */
export interface Usage {
  readonly rssBytes: number;
  /** Processor time since it started, user and system, in milliseconds. */
  readonly cpuMs: number;
  /** When it was asked, in milliseconds of `monotonicMs`. */
  readonly atMs: number;
}
