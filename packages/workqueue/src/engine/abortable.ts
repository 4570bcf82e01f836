/** Settles as `promise` does, or rejects with the signal's reason when it aborts before. */
export async function abortable<R>(
  promise: Promise<R>,
  signal: AbortSignal | undefined,
): Promise<R> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    // Nobody waits for it any more.
    promise.catch(() => {});
    signal.throwIfAborted();
  }
  const aborted = Promise.withResolvers<never>();
  // The reason is what the caller chose.
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
