import { inspect } from 'node:util';

/** The words of whatever was thrown, also when it is an error that throws when it is read. */
export function messageOf(thrown: unknown): string {
  try {
    const words: unknown = thrown instanceof Error ? thrown.message : inspect(thrown);
    return String(words);
  } catch {
    return 'an error that cannot be read';
  }
}

/** Where it was thrown, if it says so. */
export function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : undefined;
  } catch {
    return undefined;
  }
}
