import { handleRejection } from './answers.ts';
import { messageOf } from './message-of.ts';

/** What the reflector was doing when something failed. */
export type ReflectorPhase =
  | 'list'
  | 'watch-list'
  | 'watch'
  | 'event'
  | 'transform'
  | 'store'
  | 'resync'
  | 'metrics'
  | 'stop';

/** What the reflector does about a failure. */
export type ReflectorAction = 'list' | 'watch-list' | 'watch' | 'skip' | 'wait' | 'stop';

/** What goes with an error to `onError`. */
export interface ReflectorErrorContext {
  /** The reflector's name. */
  readonly name: string;
  /** What failed. */
  readonly phase: ReflectorPhase;
  /** What is done next: a list, a streaming list, a watch; the event is skipped; the reflector waits on, or stops. */
  readonly action: ReflectorAction;
  /** The same for people: `retry in 812 ms from resourceVersion 10`. */
  readonly next: string;
  /** How long until then. 0 means at once. */
  readonly retryInMs: number;
  /** The version from which it goes on. `"0"` means any that the server has at hand, empty means the newest. */
  readonly resourceVersion: string;
}

/** Is told of every failure. It should return quickly. What it throws, or rejects with, becomes a process warning. */
export type ReflectorErrorHandler = (error: unknown, context: ReflectorErrorContext) => void;

/** Where nobody listens, failures become process warnings, so that they are seen. */
function warn(error: unknown, context: ReflectorErrorContext): void {
  process.emitWarning(
    `Reflector "${context.name}", ${context.phase}: ${messageOf(error)} (${context.next})`,
    { type: 'KubeloopReflectorWarning' },
  );
}

/** Carries failures to the user's handler. */
export class Reporter {
  readonly #name: string;
  readonly #handler: ReflectorErrorHandler;
  #last: { readonly error: unknown; readonly context: ReflectorErrorContext } | undefined;

  constructor(name: string, handler: ReflectorErrorHandler = warn) {
    this.#name = name;
    this.#handler = handler;
  }

  /** The failure reported last, until {@link clear}. */
  get last(): { readonly error: unknown; readonly context: ReflectorErrorContext } | undefined {
    return this.#last;
  }

  /** Forgets the last failure: the reflector is healthy again. */
  clear(): void {
    this.#last = undefined;
  }

  /** Hands `error` to the user's handler. Never throws. */
  report(error: unknown, context: Omit<ReflectorErrorContext, 'name'>): void {
    const full = { name: this.#name, ...context };
    this.#last = { error, context: full };
    const failed = (thrown: unknown): void => warn(thrown, full);
    try {
      handleRejection(this.#handler(error, full), failed);
    } catch (thrown) {
      failed(thrown);
    }
  }
}
