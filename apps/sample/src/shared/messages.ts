/**
 * What a process tells the parent: it is there, it owns these partitions, it begins and ends the work on a key. `at` is in milliseconds of
 * the monotonic clock, which all processes of a host share.
 */
export type Message =
  | { readonly event: 'ready'; readonly at: number }
  | { readonly event: 'owns'; readonly at: number; readonly partitions: readonly number[] }
  | { readonly event: 'begin' | 'end'; readonly at: number; readonly key: string };

/** The time of all messages. */
export function nowMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Writes a message, a line of JSON. Pipes are written at once, so nothing is lost when the process is killed. */
export function tell(message: Message): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
