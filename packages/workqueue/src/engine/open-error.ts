/** What an opening rejects with. An error of the network may have nothing but a code, and one of OpenSSL its words in `reason`. */
export function openError(queue: string, error: unknown): unknown {
  const what = `Cannot open queue "${queue}"`;
  if (!(error instanceof Error) || error.message.startsWith(what)) return error;
  // Errors of Node have these.
  const { code, library, reason } = error as Readonly<Record<string, unknown>> & Error;
  const words = library === undefined ? error.message : reason;
  return new Error(`${what}: ${String(words || code)}`, { cause: error });
}
