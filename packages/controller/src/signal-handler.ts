import type { Logger } from './logger.ts';
import { constants } from 'node:os';
import { checkFunction, checkGiven, describeValue } from './option-checks.ts';

/** How {@link setupSignalHandler} works. */
export interface SignalHandlerOptions {
  /** Which signals end the process. Default SIGTERM, which a Pod is stopped with, and SIGINT, which Ctrl+C sends. */
  readonly signals?: readonly NodeJS.Signals[] | undefined;
  /** Where it is told that a signal has come. Default nowhere. */
  readonly logger?: Logger | undefined;
  /** Ends the process at the second signal. Default: `process.exit`. */
  readonly exit?: ((code: number) => void) | undefined;
}

/** Listens for the signals that end the process; `manager.run` takes it as it is. */
export interface SignalHandler {
  /** Aborts at the first of the signals, with a reason that names it. */
  readonly signal: AbortSignal;
  /** Stops to listen, so that the signals end the process at once again. Can be called again. */
  [Symbol.dispose](): void;
}

/**
 * Ends a process in order: the first SIGTERM or SIGINT aborts the signal, and the second ends the process at once with exit
 * code 1, for whoever does not want to wait. Source: controller-runtime's `SetupSignalHandler`; unlike that it can be called
 * again, and each signal counts for all handlers that are not disposed of.
 *
 * @example
 * await manager.run(setupSignalHandler());
 *
 * @throws TypeError when there are no signals, one is none that a process can listen for, or exit is no function
 */
export function setupSignalHandler(options: SignalHandlerOptions = {}): SignalHandler {
  checkGiven('Cannot listen for signals', options);
  const { signals = ['SIGTERM', 'SIGINT'], logger } = options;
  const exit = options.exit ?? ((code: number) => process.exit(code));
  if (!Array.isArray(signals) || signals.length === 0)
    throw new TypeError(
      `Cannot use ${describeValue(signals)} as signals: give an array, such as ["SIGTERM"]`,
    );
  for (const name of signals) checkProcessSignal(name);
  checkFunction('exit', exit);
  const abort = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      logger?.warn('The process ends at once', { signal: name });
      exit(1);
      return;
    }
    logger?.info('The process stops', { signal: name });
    abort.abort(new DOMException(`The process was sent ${name}`, 'AbortError'));
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: abort.signal,
    [Symbol.dispose]() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

/** SIGKILL and SIGSTOP are told to nobody. */
function checkProcessSignal(name: unknown): void {
  const isKnown = typeof name === 'string' && Object.hasOwn(constants.signals, name);
  if (!isKnown || name === 'SIGKILL' || name === 'SIGSTOP')
    throw new TypeError(
      `Cannot use ${describeValue(name)} as one of signals: it must be a signal that a process can listen for, such as "SIGTERM"`,
    );
}
