import { describe, expect, test, vi } from 'vitest';

import {
  asksMore,
  expectedOf,
  idleParts,
  withoutUnchanged,
} from '../../src/informers/comparison.ts';
import type { Difference } from '../../src/informers/comparison.ts';
import { differences } from '../../src/informers/differences.ts';
import { KubeloopPlayer } from '../../src/informers/kubeloop-player.ts';
import { playScenario } from '../../src/informers/play-scenario.ts';
import { readRecording } from '../../src/informers/recordings.ts';
import { topics } from '../../src/informers/scenarios.ts';

/** Some scenarios wait for seconds, all of them mostly wait. */
const patienceMs = 20_000;
const atATime = 32;

vi.setConfig({ maxConcurrency: atATime });

const player = new KubeloopPlayer();
const differenceOf = new Map<string, Difference>(
  differences.flatMap((difference) => difference.titles.map((title) => [title, difference])),
);
const recordings = await Promise.all(
  Object.entries(topics).map(
    async ([topic, scenarios]) => [topic, scenarios, await readRecording(topic)] as const,
  ),
);

describe.concurrent.for(recordings)('%s', ([, scenarios, recording]) => {
  test('each scenario is recorded, and nothing else', () => {
    const titles = scenarios.map(({ title }) => title);

    expect(Object.keys(recording)).toEqual(titles);
  });

  test.for(scenarios.map((scenario) => [scenario.title, scenario] as const))(
    '%s',
    { timeout: patienceMs + 10_000 },
    async ([title, scenario]) => {
      const difference = differenceOf.get(title);
      const recorded = recording[title];
      if (!recorded) throw new Error(`Cannot compare "${title}": it is not recorded`);

      const { outcome, complaints } = await playScenario(scenario, player, patienceMs);

      expect(outcome).toEqual(expectedOf(recorded, difference));
      expect(complaints).toEqual([]);
      expect(asksMore(outcome, recorded)).toBe(difference?.asksMore ?? false);
    },
  );
});

describe('the wanted differences', () => {
  const recorded = new Map(recordings.flatMap(([, , recording]) => Object.entries(recording)));

  test.for(differences.map((difference) => [difference.titles.join('; '), difference] as const))(
    'occur: %s',
    ([, difference]) => {
      for (const title of difference.titles) {
        const outcome = recorded.get(title);
        if (!outcome) throw new Error(`Cannot compare "${title}": it is not recorded`);

        expect(idleParts(outcome, difference)).toEqual([]);
      }
      expect(difference.titles.length).toBeGreaterThan(0);
    },
  );

  test('are listed once for each scenario', () => {
    const titles = differences.flatMap((difference) => difference.titles);

    expect(titles.length).toBe(new Set(titles).size);
  });

  test('that unchanged objects are not told occurs', () => {
    const title = 'objects that did not change in a gap';
    const outcome = recorded.get(title);
    if (!outcome) throw new Error(`Cannot compare "${title}": it is not recorded`);

    expect(withoutUnchanged(outcome).told).not.toEqual(outcome.told);
  });
});

test('titles of scenarios are unique', () => {
  const titles = Object.values(topics).flatMap((scenarios) => scenarios.map(({ title }) => title));

  expect(titles.length).toBe(new Set(titles).size);
});
