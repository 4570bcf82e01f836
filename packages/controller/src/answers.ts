import { handleRejection } from '@kubeloop/workqueue/engine';

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
