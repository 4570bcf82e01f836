import { AmqpQueue } from '@kubeloop/workqueue-amqp';

/** What all processes of the demo are started with, in JSON. */
export interface Settings {
  /** Address of the API server. */
  readonly server: string;
  /** Addresses of the broker. */
  readonly urls: readonly string[];
  /** What the queue is called; another one in each demo. */
  readonly queue: string;
  /** Who the process is. */
  readonly identity: string;
}

/** Where the orders are. */
export const namespace = 'demo';
/** Few enough to be shown on a line. */
export const partitions = 6;
/** Broken connections are noticed after one heartbeat, and taken over after two. */
export const heartbeatMs = 2000;
/** Longer than any run, so that nobody works on a key while its former owner may still do so. */
export const takeoverGraceMs = 1000;
/** Levels of delay at the broker. */
export const delayLevelsMs: readonly number[] = [1000, 4000];

/** Reads the settings that the parent wrote. */
export function readSettings(): Settings {
  // The parent wrote it from a value of this type.
  return JSON.parse(process.argv[2] ?? '{}') as Settings;
}

/** Opens the shared queue. */
export async function openQueue({ urls, queue, identity }: Settings): Promise<AmqpQueue> {
  const shape = { partitions, heartbeatMs, takeoverGraceMs, delayLevelsMs };
  return AmqpQueue.open({ name: queue, urls, identity, ...shape });
}

/** Ends this process when its parent is gone, which holds the other end of standard input. */
export function endWithParent(): void {
  process.stdin.resume().once('close', () => process.exit(1));
}
