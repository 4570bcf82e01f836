import { brandInstances, hasBrand } from './brand.ts';

const brand = Symbol.for('@kubeloop/cache-store/DeletedFinalStateUnknown');

/**
 * Stands for an object whose deletion was noticed late, by its absence from a list.
 *
 * The deletion itself was missed, so `obj` is the last state seen, not the state at deletion, and it may be old.
 * Same meaning as client-go's type of this name in `tools/cache/delta_fifo.go`.
 */
export class DeletedFinalStateUnknown<T> {
  /** Key of the object in the store. */
  readonly key: string;
  /** The last state seen, or undefined when none was. */
  readonly obj: T | undefined;

  static {
    brandInstances(this.prototype, brand);
  }

  /**
   * @param key - the object's key in the store
   * @param obj - the last state seen
   */
  constructor(key: string, obj: T | undefined) {
    this.key = key;
    this.obj = obj;
  }

  /** Whether a value is a tombstone, of this copy of the package or of another one. */
  static is(value: unknown): value is DeletedFinalStateUnknown<unknown> {
    return hasBrand(value, brand);
  }
}
