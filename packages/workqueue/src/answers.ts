/**
 * Sees to it that what a callback answered is no unhandled rejection, should it be a promise although none was asked for.
 *
 * @param answer - what the callback returned
 * @param onFailure - told of what the promise rejects with; must not throw
 */
export function handleRejection(answer: unknown, onFailure: (error: unknown) => void): void {
  const isThenable =
    typeof answer === 'object' &&
    answer !== null &&
    'then' in answer &&
    typeof answer.then === 'function';
  if (isThenable) Promise.resolve(answer).catch(onFailure);
}
