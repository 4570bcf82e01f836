import { ApiStatusError, isAlreadyExists } from '@kubeloop/client';

/** What becomes of an event that could not be written. */
export type EventFailure = 'retry' | 'drop' | 'drop quietly';

/**
 * Servers that cannot be reached, are overloaded or broken are tried again. What the server has refused would be refused
 * again; nobody needs to hear that a namespace is being deleted or that an event exists.
 */
export function failureOf(error: unknown): EventFailure {
  if (ApiStatusError.is(error)) {
    if (error.code === 429 || error.code >= 500) return 'retry';
    const isEnding = error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating');
    return isEnding || isAlreadyExists(error) ? 'drop quietly' : 'drop';
  }
  // The client refuses arguments with these, before anything is sent.
  return error instanceof TypeError || error instanceof RangeError ? 'drop' : 'retry';
}
