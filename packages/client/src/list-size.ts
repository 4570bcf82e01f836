/** An object takes about so much memory, however short it is on the way. */
const bytesPerItem = 256;

/**
 * Refuses a list that the process could not hold, instead of letting it end the process.
 *
 * @throws RangeError when bytes and items together are more than `maxBytes`
 */
export function refuseTooLarge(list: {
  readonly bytes: number;
  readonly items: number;
  readonly maxBytes: number;
}): void {
  if (list.bytes + list.items * bytesPerItem > list.maxBytes)
    throw new RangeError(
      `It is larger than ${list.maxBytes} bytes; list in pages, select less, or raise option "maxListBytes"`,
    );
}
