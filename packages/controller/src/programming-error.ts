/**
 * Whether a mistake in the program is what was thrown, as a panic is in Go: what the language throws by itself, or somebody
 * whose arguments are wrong. A `TypeError` with a cause is none: `fetch` rejects with such when the network fails.
 */
export function isProgrammingError(error: unknown): error is Error {
  if (error instanceof TypeError) return error.cause === undefined;
  return (
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    error instanceof EvalError ||
    error instanceof URIError
  );
}
