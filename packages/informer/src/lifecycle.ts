import { EventEmitter } from 'eventemitter3';
import { handleRejection } from './answers.ts';
import { shown } from './checks.ts';
import type { InformerErrorContext } from './reporter.ts';

/** What an informer tells about itself. */
export interface InformerEvents {
  /** A run has begun. */
  started: () => void;
  /**
   * The first list of a run is in the store, and every handler has been told or has it in its buffer. Of an informer over
   * several namespaces: those of all of them are, again after each namespace that comes in.
   */
  synced: () => void;
  /**
   * A list has replaced the content of the store: the first one of a run, and each one after a gap; or what other namespaces
   * held has been dropped.
   */
  replaced: () => void;
  /** Something failed that nobody could be told directly. It is retried where that helps. */
  error: (error: unknown, context: InformerErrorContext) => void;
  /** A run is told to stop, or has broken down. It ends when no handler is called any more: one that waits for something may give up now. */
  stopping: () => void;
  /** A run has ended; no handler is called any more. */
  stopped: () => void;
}

/** The names of {@link InformerEvents}. */
export type InformerEventName = keyof InformerEvents;
/** What is called for one of them. */
export type InformerEventListener<Name extends InformerEventName> = InformerEvents[Name];

const names: Readonly<Record<InformerEventName, true>> = {
  started: true,
  synced: true,
  replaced: true,
  error: true,
  stopping: true,
  stopped: true,
};

type AnyListener = (...args: never[]) => unknown;

/** Events whose listeners cannot disturb each other or the emitter, be they throwing or asynchronous. */
export class Lifecycle {
  readonly #emitter = new EventEmitter<InformerEvents>();
  readonly #guarded = new WeakMap<AnyListener, AnyListener>();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  on<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): void {
    checkListener(name, listener);
    this.#emitter.on(name, this.#guard<Name>(listener));
  }

  once<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): void {
    checkListener(name, listener);
    this.#emitter.once(name, this.#guard<Name>(listener));
  }

  off<Name extends InformerEventName>(name: Name, listener: InformerEventListener<Name>): void {
    if (this.#guarded.has(listener)) this.#emitter.off(name, this.#guard<Name>(listener));
  }

  /** Whether anybody listened. */
  emit<Name extends InformerEventName>(
    name: Name,
    ...args: EventEmitter.EventArgs<InformerEvents, Name>
  ): boolean {
    return this.#emitter.emit(name, ...args);
  }

  #guard<Name extends InformerEventName>(
    listener: InformerEventListener<Name>,
  ): EventEmitter.EventListener<InformerEvents, Name> {
    let guarded = this.#guarded.get(listener);
    if (!guarded) {
      guarded = (...args: never[]): void => {
        try {
          const call: AnyListener = listener;
          handleRejection(call(...args), this.#onFailure);
        } catch (error) {
          this.#onFailure(error);
        }
      };
      this.#guarded.set(listener, guarded);
    }
    // Takes the same arguments as the listener that it stands for.
    return guarded as EventEmitter.EventListener<InformerEvents, Name>;
  }
}

function checkListener(name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !Object.hasOwn(names, name))
    throw new TypeError(
      `Cannot listen to ${shown(name)}: an informer has the events ${Object.keys(names).join(', ')}`,
    );
  if (typeof listener !== 'function')
    throw new TypeError(`Cannot call ${shown(listener)} at "${name}": give a function`);
}
