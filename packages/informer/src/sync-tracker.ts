import { Gate } from './gate.ts';

/**
 * Tells when a handler has finished the initial list: everything has been handed to it, and it is done with all of it.
 * Failed calls count as finished.
 */
export class SyncTracker {
  readonly gate: Gate = new Gate();
  #unfinished = 0;
  #isHandedOver = false;

  /** One object of an initial list has been handed over. */
  start(): void {
    this.#unfinished += 1;
  }

  /** The handler is done with one of them, in whatever way. */
  finished(): void {
    this.#unfinished -= 1;
    this.#check();
  }

  /** Nothing more of the initial list will come. */
  handedOver(): void {
    this.#isHandedOver = true;
    this.#check();
  }

  /** Another initial list begins. */
  restart(): void {
    this.#isHandedOver = false;
    this.gate.close();
  }

  #check(): void {
    if (this.#isHandedOver && this.#unfinished === 0 && !this.gate.isOpen) this.gate.open();
  }
}
