/**
 * Sees to it that what a callback answered is no unhandled rejection, should it be a promise although none was asked for.
 *
 * @param answer - what the callback returned
 * @param onFailure - told of what the promise rejects with
 * @returns whether the answer is a promise
 */
export function handleRejection(answer: unknown, onFailure: (error: unknown) => void): boolean {
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return false;
  if (typeof answer.then !== 'function') return false;
  Promise.resolve(answer).catch(onFailure);
  return true;
}

/**
 * What a predicate has answered; nothing means yes.
 *
 * @throws TypeError for a promise: it would count as a yes, whatever comes of it
 */
export function answerOf(answer: boolean | undefined): boolean {
  // That it is asynchronous is the failure; what it rejects with comes second.
  if (handleRejection(answer, () => {}))
    throw new TypeError('A predicate returned a promise: it must answer true or false');
  return answer ?? true;
}
