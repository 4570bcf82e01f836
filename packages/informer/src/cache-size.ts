import { lazyPartsOf } from '@kubeloop/cache-store';

/** How many objects are measured at most. */
const sampleSize = 32;

/** Estimates how large the objects of a cache are. Each object is measured once for as long as it lives. */
export class CacheSize {
  readonly #known = new WeakMap<object, number>();

  /**
   * How many bytes the objects have as JSON together: exact for a few, and for many what some of them, evenly spread,
   * have on average. In memory they take more, two to four times that as a rule of thumb.
   */
  estimate(objects: readonly object[]): number {
    if (objects.length === 0) return 0;
    const count = Math.min(sampleSize, objects.length);
    let bytes = 0;
    for (let i = 0; i < count; i += 1) {
      const obj = objects[Math.floor((i * objects.length) / count)];
      if (obj) bytes += this.#sizeOf(obj);
    }
    return Math.round((bytes / count) * objects.length);
  }

  #sizeOf(obj: object): number {
    let size = this.#known.get(obj);
    if (size === undefined) {
      size = jsonBytes(obj);
      this.#known.set(obj, size);
    }
    return size;
  }
}

/** What is pending is decoded in a copy, so that it stays pending in the object. */
function jsonBytes(obj: object): number {
  const readable = lazyPartsOf(obj)?.copy(obj, (value) => value) ?? obj;
  return Buffer.byteLength(JSON.stringify(readable));
}
