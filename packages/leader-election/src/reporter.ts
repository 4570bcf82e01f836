import { messageOf } from './message-of.ts';

/** What an elector or candidate was doing when something failed, for messages: `renew`, `onNewLeader` and the like. */
export type ReportFailure = (error: unknown, action: string) => void;

/** A reporter that hands failures to `onError` if there is one, and else makes warnings of the process of them. Never throws. */
export function failureReporter(onError: ReportFailure | undefined): ReportFailure {
  if (!onError) return warn;
  return (error, action) => {
    const failed = (failure: unknown): void => {
      warn(failure, 'onError');
      warn(error, action);
    };
    callQuietly(() => onError(error, action), failed);
  };
}

/** Calls a callback of the user; what it throws, at once or by a promise, is reported and stops nothing. */
export function callQuietly(callback: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const answer = callback();
    if (typeof answer === 'object' && answer !== null && 'then' in answer)
      Promise.resolve(answer).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}

function warn(error: unknown, action: string): void {
  process.emitWarning(`Leader election failed to ${action}: ${messageOf(error)}`, {
    type: 'KubeloopLeaderElectionWarning',
  });
}
