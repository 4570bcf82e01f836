/** Sees to it that a promise which nobody asked for, and which is refused, is no unhandled rejection. */
export function ignoreRejection(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return;
  if (typeof answer.then === 'function') Promise.resolve(answer).catch(() => {});
}
