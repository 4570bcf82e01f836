/** Refuses what cannot be a key: its bytes in UTF-8 must name it and no other, at whatever keeps it. Returns the value. */
export function checkKey(value: string): string {
  if (typeof value !== 'string')
    throw new TypeError(`Cannot use a value of type ${typeof value} as key: it must be a string`);
  if (!value.isWellFormed())
    throw new RangeError(
      `Cannot use ${JSON.stringify(value)} as key: it has half of a surrogate pair, which UTF-8 cannot carry`,
    );
  return value;
}

/** Refuses an option that is given and is no function. */
export function checkFunctionOption(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(
      `Cannot use a value of type ${typeof value} as ${name}: it must be a function`,
    );
}

/** Refuses what is given as a signal and is none. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError(
      `Cannot use a value of type ${typeof signal} as signal: it must be an AbortSignal, such as new AbortController().signal`,
    );
}

/**
 * Refuses certificates that are none, and those that would not be used, as everything would be sent in plain text. Shows no url, since
 * there may be a password in it.
 *
 * @param scheme - that of plain text, such as `amqp`; the one of TLS has an `s` behind it
 */
export function checkTls(tls: unknown, urls: readonly string[], scheme: string): void {
  if (tls === undefined) return;
  if (typeof tls !== 'object' || tls === null)
    throw new TypeError('Cannot use this tls: it must be an object, as `tls.connect` takes it');
  if (!urls.every((url) => url.startsWith(`${scheme}s://`)))
    throw new TypeError(`Cannot use tls with a url of "${scheme}://": TLS is "${scheme}s://"`);
}
