import { outcomeOf, type Outcome } from './outcome.ts';
import type { Player } from './player.ts';
import type { Scenario } from './script.ts';
import { ScriptedServer } from './scripted-server.ts';

/** How a scenario went, and what is wrong with the scenario itself for this player. */
export interface Played {
  readonly outcome: Outcome;
  /** Unused steps, unforeseen requests, no end in time. Empty when the player did what the script foresees. */
  readonly complaints: readonly string[];
}

/** Plays one scenario. Ends it when it takes longer than `patienceMs`. */
export async function playScenario(
  scenario: Scenario,
  player: Player,
  patienceMs: number,
): Promise<Played> {
  await using server = await ScriptedServer.start(scenario);
  const { watchList = false, title } = scenario;
  const play = player.play({ id: title, url: server.url, watchList });
  void server.over.then(() => play.stop());
  let isLate = false;
  const patience = setTimeout(() => {
    isLate = true;
    play.stop();
  }, patienceMs);
  const report = await play.report;
  clearTimeout(patience);
  const requests = server.requests.map(({ text }) => text);
  return {
    outcome: outcomeOf(requests, report),
    complaints: [...server.complaints, ...(isLate ? [`no end within ${patienceMs} ms`] : [])],
  };
}
