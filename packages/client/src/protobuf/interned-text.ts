/** Longer texts are seldom the same twice. */
const longestInterned = 64;
const slots = 4096;

/** The text that was last read into each slot. A hash chooses the slot, so nothing is ever evicted but by another text. */
const recent: (string | undefined)[] = Array.from({ length: slots });

/**
 * The text of some UTF-8, the same string again when it was read a moment ago: namespaces, labels, images and kinds
 * are the same in thousands of objects, and one copy of each is enough. Texts in ASCII of up to 64 bytes only.
 */
export function internedText(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > longestInterned) return bytes.toString('utf8', start, end);
  let hash = length;
  for (let index = start; index < end; index += 1) {
    // The range is within the buffer.
    const byte = bytes[index] as number;
    if (byte > 127) return bytes.toString('utf8', start, end);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const slot = (hash ^ (hash >>> 15)) & (slots - 1);
  const known = recent[slot];
  if (known !== undefined && isSame(known, bytes, start, length)) return known;
  const text = bytes.toString('latin1', start, end);
  recent[slot] = text;
  return text;
}

function isSame(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index += 1)
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
