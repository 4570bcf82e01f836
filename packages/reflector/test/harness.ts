import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { onTestFinished } from 'vitest';
import { Reflector, type ReflectorOptions } from '../src/index.ts';
import { ErrorLog, RecordingStore, ScriptedServer, type Thing } from './scripted.ts';

/** A reflector between a scripted server and a recording store, with time that stands still. */
export interface Harness {
  readonly clock: FakeClock;
  readonly server: ScriptedServer;
  readonly store: RecordingStore;
  readonly errors: ErrorLog;
  readonly reflector: Reflector<Thing>;
  /** Runs it and waits until it has done all it can without time passing. */
  readonly start: () => Promise<void>;
  /** Ends the run and waits for its end. */
  readonly stop: () => Promise<void>;
}

/** Makes one. `random` is always 0, so delays are exact: 800, 1600, … */
export function harness(
  options: Partial<ReflectorOptions<Thing>> & { readonly supportsWatchList?: boolean } = {},
): Harness {
  const clock = new FakeClock();
  const { supportsWatchList = false, ...rest } = options;
  const server = new ScriptedServer({ supportsWatchList });
  const store = new RecordingStore();
  const errors = new ErrorLog();
  const reflector = new Reflector<Thing>({
    name: 'things',
    listerWatcher: server,
    store,
    clock,
    random: () => 0,
    onError: errors.onError,
    ...rest,
  });
  let abort = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  onTestFinished(stop);
  return {
    clock,
    server,
    store,
    errors,
    reflector,
    stop,
    start: async () => {
      abort = new AbortController();
      running = reflector.run({ signal: abort.signal });
      await clock.settle();
    },
  };
}
