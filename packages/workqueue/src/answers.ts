/**
 * Sees to it that what a callback answered is no unhandled rejection, should it be a promise although none was asked for.
 *
 * @param answer - what the callback returned
 * @param onFailure - told of what the promise rejects with; must not throw
 * @returns whether the answer is a promise
 */
export function handleRejection(answer: unknown, onFailure: (error: unknown) => void): boolean {
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return false;
  if (typeof answer.then !== 'function') return false;
  Promise.resolve(answer).catch(onFailure);
  return true;
}

/**
 * Calls a callback whose failure must not reach the caller.
 *
 * @param onFailure - told of what it throws or rejects with; must not throw
 */
export function callSafely(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    handleRejection(call(), onFailure);
  } catch (error) {
    onFailure(error);
  }
}
