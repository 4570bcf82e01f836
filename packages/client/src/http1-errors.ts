import { brokenOff, CodedError } from './transport-errors.ts';

/** The same failure of Node's HTTP client in words that say what happened, with the same code. */
export function readableFailure(error: Error, maxHeaderBytes: number): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNRESET' && error.message === 'socket hang up')
    return brokenOff('the connection was closed before an answer came', error);
  if (code === 'HPE_HEADER_OVERFLOW')
    return new CodedError(
      `the headers of the answer are larger than ${maxHeaderBytes} bytes`,
      code,
      error,
    );
  if (!code.startsWith('HPE_')) return error;
  const reason = 'reason' in error ? String(error.reason) : error.message;
  return new CodedError(`the answer is not HTTP: ${reason}`, code, error);
}
