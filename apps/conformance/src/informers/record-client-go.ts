import { ClientGoPlayer } from './client-go-player.ts';
import type { Outcome } from './outcome.ts';
import { playScenario } from './play-scenario.ts';
import type { Scenario } from './script.ts';

/** client-go waits up to some ten seconds in the longest scenarios. */
const patienceMs = 60_000;

/**
 * Plays scenarios with client-go, all at a time.
 *
 * @throws when a scenario does not foresee what client-go does
 */
export async function recordClientGo(
  scenarios: readonly Scenario[],
  program: string,
): Promise<ReadonlyMap<string, Outcome>> {
  await using player = new ClientGoPlayer(program);
  const played = await Promise.all(
    scenarios.map(async (scenario) => {
      const { outcome, complaints } = await playScenario(scenario, player, patienceMs);
      return { title: scenario.title, outcome, complaints };
    }),
  );
  const wrong = played.filter(({ complaints }) => complaints.length > 0);
  if (wrong.length > 0)
    throw new Error(
      `Scenarios that do not foresee what client-go does: ${JSON.stringify(wrong, null, 2)}`,
    );
  return new Map(played.map(({ title, outcome }) => [title, outcome]));
}
