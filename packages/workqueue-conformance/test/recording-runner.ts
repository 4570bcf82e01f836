import type { TestRunner } from '@kubeloop/workqueue-conformance';

/** A test and what became of it. */
export interface Outcome {
  readonly title: string;
  readonly error: unknown;
}

/** A runner that keeps what it is given, to run it when asked. */
export class RecordingRunner implements TestRunner {
  readonly #tests: { readonly title: string; readonly body: () => Promise<void> }[] = [];
  readonly groups: string[] = [];

  readonly describe = (name: string, body: () => void): void => {
    this.groups.push(name);
    body();
  };

  readonly test = (title: string, body: () => Promise<void>): void => {
    this.#tests.push({ title, body });
  };

  get titles(): readonly string[] {
    return this.#tests.map(({ title }) => title);
  }

  /** Runs one test after the other, or those only whose titles begin like this. */
  async run(beginning: string = ''): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const { title, body } of this.#tests.filter(({ title }) => title.startsWith(beginning)))
      outcomes.push({ title, error: await body().then(nothing, itself) });
    return outcomes;
  }
}

const nothing = (): undefined => undefined;
const itself = (error: unknown): unknown => error;
