import type { ControllerDescription } from './controller-options.ts';
import { describeError } from './logger.ts';

/** Why a controller does not work, one sentence for each cause; none when it does, or when it would if its manager led. */
export function whyNotReady({ name, state, sources }: ControllerDescription): string[] {
  if (state === 'running' || state === 'standby') return [];
  const missing = state === 'waiting' ? sources.filter(({ isSynced }) => !isSynced) : [];
  if (missing.length === 0) return [`Controller "${name}" is ${state}`];
  return missing.map(({ name: source, lastError }) => {
    const reason = lastError === undefined ? 'no answer yet' : describeError(lastError);
    return `Controller "${name}" waits for source "${source}": ${reason}`;
  });
}
