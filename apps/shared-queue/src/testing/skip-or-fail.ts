import type { SkippableContext } from '@kubeloop/control-plane';

/** Whether `KUBELOOP_REQUIRE_BROKER` is 1, as in a run that must leave nothing out. */
export const isRequired: boolean = process.env['KUBELOOP_REQUIRE_BROKER'] === '1';

/** Where nothing can be skipped any more, because it is known by then that there is a broker: throws the reason instead. */
export const unskippable: SkippableContext = {
  skip: (note) => {
    throw new Error(note);
  },
};

/** Skips the test, or fails it where a broker {@link isRequired}. */
export function skipOrFail(context: SkippableContext, reason: string): never {
  return (isRequired ? unskippable : context).skip(reason);
}
