/**
 * Where a store reports its figures. Calls are frequent and synchronous: they must be cheap and must not throw.
 *
 * Where none is given, a default that does nothing is used.
 */
export interface StoreMetrics {
  /**
   * The last version the store has seen, as a number for a gauge: its last fifteen digits, so that it is exact. Zero
   * when there is none. Same truncation as client-go's `store_resource_version`.
   */
  resourceVersion(version: number): void;
  /** The number of objects held. */
  objects(count: number): void;
}

/** Reports nothing. */
export const noStoreMetrics: StoreMetrics = {
  resourceVersion: () => {},
  objects: () => {},
};

/** The gauge value of a resourceVersion, or undefined when it is not a number. */
export function resourceVersionGauge(version: string): number | undefined {
  const digits = version.slice(-15);
  return /^[0-9]*$/.test(digits) ? Number(digits) : undefined;
}
