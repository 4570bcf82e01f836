import { inspect } from 'node:util';

/**
 * Refuses what is no signal, before anything is started.
 *
 * @param action - what cannot be done without it, such as `Cannot run informer "pods"`
 * @throws TypeError
 */
export function checkSignal(action: string, signal: unknown): asserts signal is AbortSignal {
  const fits =
    typeof signal === 'object' &&
    signal !== null &&
    'addEventListener' in signal &&
    typeof signal.addEventListener === 'function';
  if (!fits)
    throw new TypeError(
      `${action}: there must be a signal, such as new AbortController().signal, and it is ${inspect(signal, { depth: 0 })}`,
    );
}
