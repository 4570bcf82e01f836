/** Of requests, as Kubernetes' own components and controller-runtime have them. */
export const requestBuckets: readonly number[] = [
  0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60,
];

/** Of look-ups of names, as Kubernetes' own components have them. */
export const lookupBuckets: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30];

/** Of the bodies of requests and answers in bytes, as Kubernetes' own components have them. */
export const sizeBuckets: readonly number[] = [
  64, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
];

/** Of reconciles, as controller-runtime has them. */
export const reconcileBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];

/** Of the handling of events, as KEP-4346 has them. */
export const informerBuckets: readonly number[] = [
  0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Of how long watches last; a server ends them after five to ten minutes. */
export const watchBuckets: readonly number[] = [0.1, 1, 5, 10, 30, 60, 120, 300, 450, 600, 1200];

/** Of numbers of objects. */
export const countBuckets: readonly number[] = [0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

/** Of the time that keys wait and are worked on: so many powers of ten from ten nanoseconds. */
export function queueBuckets(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number(`1e${i - 8}`));
}
