import { checkSignal } from './check.ts';

/** What a call that waits returns at once: a rejection for a signal that has aborted already or is none, and nothing for any other. */
export function refusalOf(signal: AbortSignal | undefined): Promise<never> | undefined {
  if (signal === undefined) return undefined;
  try {
    checkSignal('Cannot wait for the queue: the signal', signal);
    signal.throwIfAborted();
    return undefined;
  } catch (error) {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
    return Promise.reject(error);
  }
}
