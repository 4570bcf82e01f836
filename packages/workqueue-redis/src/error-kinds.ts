import { FullError, RefusedError, UnavailableError } from './transport.ts';

/** Answers that say something of the server, not of the call. */
const unavailable: ReadonlySet<string | undefined> = new Set([
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'MISCONF',
  'NOREPLICAS',
  'BUSY',
  'UNBLOCKED',
]);

/** Redis up to 6.2 and some that are like it put the error of a command within a script behind one of their own. */
const code = /^(?:ERR Error running script .*? -)?(?<code>[A-Z]+)\b/su;

/** What an error that the server answered means for the call: never, not now, or not on this connection. */
export function errorOf(answer: Error): RefusedError | FullError | UnavailableError {
  const found = code.exec(answer.message)?.groups?.['code'];
  if (found === 'OOM') return new FullError(answer.message, { cause: answer });
  const Kind = unavailable.has(found) ? UnavailableError : RefusedError;
  return new Kind(answer.message, { cause: answer });
}
