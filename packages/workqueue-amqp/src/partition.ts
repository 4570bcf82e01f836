const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * The 32-bit FNV-1a hash of the UTF-8 bytes of `text`, with the finalizer of MurmurHash3 behind it: FNV alone leaves the low bits
 * of short keys uneven. (Fowler, Noll, Vo; Appleby.)
 */
export function hashOf(text: string): number {
  let hash = offsetBasis;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Anything but ASCII goes the slow way, so that the bytes are those that the broker carries.
    if (unit > 0x7f) return mix(hashOfBytes(Buffer.from(text, 'utf8')));
    hash = Math.imul(hash ^ unit, prime);
  }
  return mix(hash);
}

/**
 * The partition of `key` among `partitions`. It is the same in every version of this package: processes of different versions may
 * share a queue, and a key that changed its partition could be worked on twice at a time.
 */
export function partitionOf(key: string, partitions: number): number {
  return hashOf(key) % partitions;
}

function hashOfBytes(bytes: Uint8Array): number {
  let hash = offsetBasis;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime);
  return hash;
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
