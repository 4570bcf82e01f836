import { afterAll, afterEach, beforeAll, expect } from 'vitest';

/**
 * Fails each test after which something has ended up with nobody: a rejection that is not handled, an exception that is
 * not caught, a process warning. Gives the list of what has been seen so far; a test that wants a warning takes it out.
 */
export function expectNoStrays(): string[] {
  const strays: string[] = [];
  const onRejection = (reason: unknown): void => void strays.push(`rejection: ${String(reason)}`);
  const onException = (error: unknown): void => void strays.push(`exception: ${String(error)}`);
  const onWarning = ({ message }: Error): void => void strays.push(`warning: ${message}`);
  beforeAll(() => {
    process.on('unhandledRejection', onRejection);
    process.on('uncaughtExceptionMonitor', onException);
    process.on('warning', onWarning);
  });
  afterEach(async () => {
    // Node reports a rejection only after the turn in which nobody took it.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(strays.splice(0)).toEqual([]);
  });
  afterAll(() => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtExceptionMonitor', onException);
    process.off('warning', onWarning);
  });
  return strays;
}

/** What a call threw or rejected with. Fails when it did neither, or when that was no error. */
export async function errorOf(call: () => unknown): Promise<Error> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    // Checked above.
    return error as Error;
  }
  throw new Error(`Nothing was thrown; the result was ${JSON.stringify(result)}`);
}

/** Resolves when `isSo` answers true. Fails when that takes too long, and says what did not become so. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patienceMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new Error(`It took more than ${patienceMs} ms until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
