import type { Sample } from '../sample.ts';

/** How long the removal may take. A controller-manager looks for new kinds every 30 seconds, and collects no garbage of theirs before. */
const clearTimeoutMs = 60_000;

/**
 * Runs the controllers while something is done, and takes the WebApps away in the end, whatever happens.
 *
 * @param action - gets a signal that aborts when the user interrupts or the controllers fail
 */
export async function runWhile(
  sample: Sample,
  interrupted: AbortSignal,
  action: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const failed = new AbortController();
  const running = sample.run({ signal: stop.signal }).catch((error: unknown) => {
    failed.abort(error);
    throw error;
  });
  try {
    await action(AbortSignal.any([interrupted, failed.signal]));
  } finally {
    if (!failed.signal.aborted) await sample.clear(AbortSignal.timeout(clearTimeoutMs));
    stop.abort();
    await running;
  }
}
