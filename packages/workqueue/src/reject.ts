/** What a call with a signal that has aborted already returns. */
export function rejectWithReason(signal: AbortSignal): Promise<never> {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is passed on as it is
  return Promise.reject(signal.reason);
}
