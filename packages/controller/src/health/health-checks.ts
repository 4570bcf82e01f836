import type { Clock } from '@kubeloop/ratelimiter';
import { checkFunction, checkGiven, describeThrown, describeValue } from '../option-checks.ts';

/**
 * Says whether something is well: it returns or resolves when it is, and throws or rejects with the cause when it is not.
 * The signal aborts when the answer comes too late to count.
 */
export type HealthCheck = (options: { readonly signal: AbortSignal }) => void | Promise<void>;

/** How one check came out. */
export interface HealthCheckResult {
  /** The name of the check. */
  readonly name: string;
  /** `excluded` means that it was not asked because the caller did not want it. */
  readonly outcome: 'ok' | 'failed' | 'excluded';
  /** Why it failed; `undefined` when it has not. */
  readonly cause: string | undefined;
}

/** How all checks came out. */
export interface HealthReport {
  /** Whether none has failed. */
  readonly isHealthy: boolean;
  /** Each check, by name. */
  readonly checks: readonly HealthCheckResult[];
  /** What was to be excluded and is no check. */
  readonly unknown: readonly string[];
}

/** Which checks to ask. */
export interface HealthCheckSelection {
  /** Only the check of this name, or those of the group: `controller/web` has all whose names begin with `controller/web/`. */
  readonly only?: string | undefined;
  /** Checks, or groups of them, that do not count. Default none. */
  readonly exclude?: readonly string[] | undefined;
}

/** What {@link HealthChecks} work with. */
export interface HealthChecksOptions {
  /** Where they are served, such as `readyz`. */
  readonly name: string;
  readonly clock: Clock;
  /** How long one may take. */
  readonly timeoutMs: number;
  /** Those that are known at once, with what is wrong; asked anew each time. Their names belong to nobody else. */
  readonly builtIn: () => readonly KnownState[];
}

/** A check whose result is known without waiting. */
export interface KnownState {
  readonly name: string;
  /** Why it fails; `undefined` when it does not. */
  readonly cause: string | undefined;
}

/** What is asked before something is called healthy or ready. */
export class HealthChecks {
  /** Where they are served, such as `readyz`. */
  readonly name: string;
  readonly #options: HealthChecksOptions;
  readonly #checks = new Map<string, HealthCheck>();
  /** Those whose last answer has yet to come: nobody is asked twice at a time. */
  readonly #pending = new Map<string, Promise<string | undefined>>();

  constructor(options: HealthChecksOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /**
   * Adds one, at any time.
   *
   * @throws TypeError when name or check is none; Error when the name is taken
   */
  add(name: string, check: HealthCheck): void {
    if (typeof name !== 'string' || !/^[a-z0-9]([-a-z0-9._/]*[a-z0-9])?$/i.test(name))
      throw new TypeError(
        `Cannot add a check ${describeValue(name)} to ${this.name}: a name consists of letters, digits, "-", ".", "_" and "/"`,
      );
    checkFunction(`check "${name}" of ${this.name}`, check);
    const isTaken =
      this.#checks.has(name) || this.#options.builtIn().some((each) => each.name === name);
    if (isTaken || name === 'manager' || name.startsWith('controller/'))
      throw new Error(
        `Cannot add check "${name}" to ${this.name}: the name is taken; choose another name`,
      );
    this.#checks.set(name, check);
  }

  /**
   * Asks all at the same time. Resolves with `undefined` when there is none that was asked for.
   *
   * @throws TypeError when it is not said in words which to ask, and for nothing else
   */
  async run(selection: HealthCheckSelection = {}): Promise<HealthReport | undefined> {
    checkSelection(this.name, selection);
    const { only, exclude = [] } = selection;
    const known = new Map(this.#options.builtIn().map(({ name, cause }) => [name, cause]));
    const names = [...known.keys(), ...this.#checks.keys()];
    const asked = only === undefined ? names : pick(names, only);
    if (asked.length === 0) return undefined;
    const checks = await Promise.all(
      asked.sort().map(async (name): Promise<HealthCheckResult> => {
        if (exclude.some((each) => isOf(each, name)))
          return { name, outcome: 'excluded', cause: undefined };
        const check = this.#checks.get(name);
        const cause = check ? await this.#ask(name, check) : known.get(name);
        return { name, outcome: cause === undefined ? 'ok' : 'failed', cause };
      }),
    );
    return {
      isHealthy: checks.every(({ outcome }) => outcome !== 'failed'),
      checks,
      unknown: exclude.filter((each) => !asked.some((name) => isOf(each, name))),
    };
  }

  /** What is wrong; `undefined` when nothing is. */
  async #ask(name: string, check: HealthCheck): Promise<string | undefined> {
    const { clock, timeoutMs } = this.#options;
    const late = new AbortController();
    const { promise: timedOut, resolve } = Promise.withResolvers<string>();
    const cause = `no answer within ${timeoutMs} ms`;
    const timer = clock.setTimeout(() => {
      resolve(cause);
      late.abort(new DOMException(`The check has had ${timeoutMs} ms`, 'TimeoutError'));
    }, timeoutMs);
    try {
      return await Promise.race([this.#answerOf(name, check, late.signal), timedOut]);
    } finally {
      timer.cancel();
    }
  }

  #answerOf(name: string, check: HealthCheck, signal: AbortSignal): Promise<string | undefined> {
    const pending = this.#pending.get(name);
    if (pending) return pending;
    const answer = answerOf(check, signal).finally(() => this.#pending.delete(name));
    this.#pending.set(name, answer);
    return answer;
  }
}

function checkSelection(probe: string, selection: HealthCheckSelection): void {
  const action = `Cannot ask the checks of ${probe}`;
  checkGiven(action, selection);
  const { only, exclude = [] } = selection;
  if (only !== undefined && typeof only !== 'string')
    throw new TypeError(`${action}: only must be a name, and it is ${describeValue(only)}`);
  if (!Array.isArray(exclude) || exclude.some((each) => typeof each !== 'string'))
    throw new TypeError(
      `${action}: exclude must be an array of names, and it is ${describeValue(exclude)}`,
    );
}

async function answerOf(check: HealthCheck, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer: unknown = await check({ signal });
    // Whoever returns whether all is well means that it is not.
    return answer === false ? 'the check returned false' : undefined;
  } catch (error) {
    return describeCause(error);
  }
}

/** One line, however many an error has. */
export function describeCause(error: unknown): string {
  const message = describeThrown(error);
  const text = message === '' && error instanceof Error ? error.name : message;
  return text.replaceAll(/\s+/g, ' ').trim();
}

function pick(names: readonly string[], only: string): string[] {
  return names.filter((name) => isOf(only, name));
}

/** Whether a name is that of a check or of the group that it belongs to. */
function isOf(asked: string, name: string): boolean {
  return name === asked || name.startsWith(`${asked}/`);
}
