/** A make of control plane. */
export interface PhasePlan {
  readonly name: string;
  /** Its part of the faults, of all parts together. */
  readonly share: number;
  readonly apiServerArgs: readonly string[];
  readonly featureGates: Readonly<Record<string, boolean>>;
}

/** As it comes; without a watch cache, where compaction makes watches 410 Gone; without streaming lists. */
export const phasePlans: readonly PhasePlan[] = [
  { name: 'defaults', share: 6, apiServerArgs: [], featureGates: {} },
  { name: 'watch-cache-off', share: 2, apiServerArgs: ['--watch-cache=false'], featureGates: {} },
  { name: 'watch-list-off', share: 2, apiServerArgs: [], featureGates: { WatchList: false } },
];

/** Splits a number of faults or a time between phases by their shares; whole numbers that sum up to the total. */
export function splitByShare(total: number, plans: readonly PhasePlan[]): number[] {
  if (!Number.isFinite(total)) return plans.map(() => total);
  const shares = plans.reduce((sum, { share }) => sum + share, 0);
  const parts = plans.map(({ share }) => Math.floor((total * share) / shares));
  const rest = total - parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part, index) => (index === 0 ? part + rest : part));
}
