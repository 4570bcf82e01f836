/** Calls, and lets a failure be seen by those who await it only: a test that has failed already awaits no more. */
export function quietly<R>(call: () => Promise<R>): Promise<R> {
  const promise = call();
  promise.catch(() => {});
  return promise;
}
