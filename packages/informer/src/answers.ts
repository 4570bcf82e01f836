/**
 * Sees to it that what a callback answered is no unhandled rejection, should it be a promise although none was asked for.
 *
 * @param answer - what the callback returned
 * @param onFailure - told of what the promise rejects with
 * @returns whether the answer is a promise
 */
export function handleRejection(answer: unknown, onFailure: (error: unknown) => void): boolean {
  if (!isThenable(answer)) return false;
  Promise.resolve(answer).catch(onFailure);
  return true;
}

/** Whether a callback has answered a promise, of whatever make. */
export function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'then' in answer &&
    typeof answer.then === 'function'
  );
}
