import { FakeClock } from '@kubeloop/ratelimiter/testing';
import type { ControllerOptions } from '../../src/controller-options.ts';
import { Controller } from '../../src/controller.ts';
import type { Reconciler } from '../../src/request.ts';
import type { Source, SourceContext, SourceDescription } from '../../src/source.ts';
import type { RecordingLogger } from './recording-logger.ts';
import { recordingLogger } from './recording-logger.ts';

/** A source that does what the test says. */
export class ManualSource implements Source {
  readonly name: string;
  context: SourceContext | undefined;
  lastError: unknown;
  starts = 0;
  stops = 0;
  #synced: PromiseWithResolvers<void> = Promise.withResolvers();
  #isSynced = false;

  constructor(name: string, isSynced = false) {
    this.name = name;
    if (isSynced) this.sync();
  }

  sync(): void {
    this.#isSynced = true;
    this.#synced.resolve();
  }

  /** The next start, or the present one, rejects. */
  reject(reason: Error): void {
    const failed = this.#synced;
    this.#synced = Promise.withResolvers();
    failed.reject(reason);
  }

  async start(context: SourceContext): Promise<void> {
    this.starts += 1;
    this.context = context;
    const aborted = new Promise<never>((_resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
    await Promise.race([this.#synced.promise, aborted]);
  }

  async stop(): Promise<void> {
    this.stops += 1;
    await Promise.resolve();
  }

  describe(): SourceDescription {
    return { name: this.name, isSynced: this.#isSynced, lastError: this.lastError };
  }
}

/** A controller on a clock that stands still. */
export interface ControllerRig {
  readonly controller: Controller;
  readonly clock: FakeClock;
  readonly source: ManualSource;
  readonly log: RecordingLogger;
  readonly stop: AbortController;
  /** Settles when `run` has. */
  readonly ended: Promise<void>;
  /** Stops it and waits for its end. */
  readonly end: () => Promise<void>;
}

/** Makes a controller with one source that has synced, and runs it. */
export async function runController(
  reconcile: Reconciler,
  options: Partial<ControllerOptions> & { readonly clock?: FakeClock } = {},
): Promise<ControllerRig> {
  const clock = options.clock ?? new FakeClock();
  const log = recordingLogger();
  const source = new ManualSource('things', true);
  const controller = new Controller({
    name: 'test',
    sources: [source],
    logger: log.logger,
    ...options,
    clock,
    reconcile,
  });
  const stop = new AbortController();
  const ended = controller.run({ signal: stop.signal });
  await clock.settle();
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { controller, clock, source, log, stop, ended, end };
}

/** A request in namespace `ns`. */
export function request(name: string): { namespace: string; name: string } {
  return { namespace: 'ns', name };
}
