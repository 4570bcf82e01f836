/** What a row of the table shows of its samples. */
export type Statistic = 'median' | 'p99' | 'max';

const quantiles: Readonly<Record<Statistic, number>> = { median: 0.5, p99: 0.99, max: 1 };

/**
 * The sample below which the given share of all samples lies, by nearest rank: always one that was measured.
 *
 * @throws RangeError when there are no samples
 */
export function statisticOf(statistic: Statistic, samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(quantiles[statistic] * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new RangeError('Cannot compute a statistic: there are no samples');
  return value;
}
