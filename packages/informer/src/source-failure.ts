import { inspect } from 'node:util';
import type { SourceFailure } from './informer-state.ts';

/** A failure of the source of one namespace, whose message names the namespace. */
export function failureIn(namespace: string, { error, phase }: SourceFailure): SourceFailure {
  const message = error instanceof Error ? error.message : inspect(error);
  const named = new Error(`Cannot read namespace "${namespace}": ${message}`, { cause: error });
  return { error: named, phase, namespace };
}

/** Whether the server has answered that it does not know what it was asked for. */
export function isNotFound(error: unknown): boolean {
  for (let cause = error; typeof cause === 'object' && cause !== null;)
    if (Reflect.get(cause, 'code') === 404) return true;
    else cause = Reflect.get(cause, 'cause');
  return false;
}
