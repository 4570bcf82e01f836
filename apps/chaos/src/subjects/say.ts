import type { SubjectMessage } from '../subject-protocol.ts';

/** Writes one message of a subject to standard output. */
export function say(message: SubjectMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
