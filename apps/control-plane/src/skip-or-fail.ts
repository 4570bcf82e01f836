/** The part of a vitest test context that is used. */
export interface SkippableContext {
  /** Ends the test as skipped; `note` says why. */
  skip(note?: string): never;
}

/** Skips the test, or fails it where `KUBELOOP_REQUIRE_CONTROL_PLANE` is 1, as in a run that must leave nothing out. */
export function skipOrFail(context: SkippableContext, reason: string): never {
  if (process.env['KUBELOOP_REQUIRE_CONTROL_PLANE'] === '1') throw new Error(reason);
  return context.skip(reason);
}
