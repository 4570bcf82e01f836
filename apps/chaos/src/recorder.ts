import { History } from './history.ts';
import type { SubjectMessage } from './subject-protocol.ts';

/** Everything that one life of a subject has said, as far as audits need it. */
export class Recorder {
  /** By resource and handler, for example `configmaps/sync`. */
  readonly #histories = new Map<string, History>();
  readonly #reconciled = new Map<string, string>();
  readonly #errorKinds = new Map<string, number>();
  #errors = 0;
  #reconciles = 0;

  /** Takes a message. */
  note(message: SubjectMessage): void {
    if (message.type === 'event') {
      const name = `${message.resource}/${message.handler ?? 'only'}`;
      let history = this.#histories.get(name);
      if (history === undefined) this.#histories.set(name, (history = new History()));
      history.note(message);
    } else if (message.type === 'reconcile') {
      this.#reconciles += 1;
      this.#reconciled.set(message.key, message.rv);
    } else if (message.type === 'error') {
      this.#errors += 1;
      const kind = kindOf(message.message);
      this.#errorKinds.set(kind, (this.#errorKinds.get(kind) ?? 0) + 1);
    }
  }

  /** The calls of every handler, by resource and handler. */
  get histories(): ReadonlyMap<string, History> {
    return this.#histories;
  }

  /** The version that the last reconcile of each key saw; empty when the object was not there. */
  get reconciled(): ReadonlyMap<string, string> {
    return this.#reconciled;
  }

  /** How many handler calls there were. */
  get events(): number {
    return [...this.#histories.values()].reduce((sum, history) => sum + history.events, 0);
  }

  /** How many reconciles there were. */
  get reconciles(): number {
    return this.#reconciles;
  }

  /** How many failures the subject reported. */
  get errors(): number {
    return this.#errors;
  }

  /** How many of each kind: what remains of a message without numbers and addresses. */
  get errorKinds(): ReadonlyMap<string, number> {
    return this.#errorKinds;
  }

  /** Takes all illegal calls since the last time. */
  takeViolations(): string[] {
    return [...this.#histories].flatMap(([name, history]) =>
      history.takeViolations().map((violation) => `${name}: ${violation}`),
    );
  }
}

function kindOf(message: string): string {
  return message
    .replaceAll(/https?:\/\/\S+/g, 'URL')
    .replaceAll(/\d+/g, 'N')
    .slice(0, 200);
}
