import type { SourceFailure } from './informer-state.ts';
import { messageOf } from './message-of.ts';

/** A failure of the source of one namespace, whose message names the namespace. */
export function failureIn(namespace: string, { error, phase }: SourceFailure): SourceFailure {
  const text = `Cannot read namespace "${namespace}": ${messageOf(error)}`;
  const named = new Error(text, { cause: error });
  return { error: named, phase, namespace };
}

/** Whether the server has answered that it does not know what it was asked for. */
export function isNotFound(error: unknown): boolean {
  for (let cause = error; typeof cause === 'object' && cause !== null;)
    if (Reflect.get(cause, 'code') === 404) return true;
    else cause = Reflect.get(cause, 'cause');
  return false;
}
