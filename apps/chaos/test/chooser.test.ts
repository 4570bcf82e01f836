import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { chooseFaults, endlessFaults } from '../src/chooser.ts';
import type { PlannedFault } from '../src/chooser.ts';
import { faultCatalogue } from '../src/faults/catalogue.ts';
import type { Fault } from '../src/faults/fault.ts';
import { seededRandom } from '../src/random.ts';

const catalogue = faultCatalogue;
const phase = 'defaults';
const chosen = (seed: number, count: number): PlannedFault[] =>
  chooseFaults({ random: seededRandom(seed), catalogue, phase, count });

describe('the choice of faults', () => {
  test('follows from the seed alone', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 100 }), (seed, count) => {
        expect(chosen(seed, count)).toEqual(chosen(seed, count));
        expect(chosen(seed, count)).toHaveLength(count);
      }),
      { numRuns: 30 },
    );
  });

  test('differs between seeds', () => {
    expect(chosen(1, 50)).not.toEqual(chosen(2, 50));
  });

  test('has every kind where there is room for all', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const names = new Set(chosen(seed, catalogue.length).map(({ fault }) => fault.name));
        expect(names.size).toBe(catalogue.length);
      }),
      { numRuns: 30 },
    );
  });

  test('puts only those alongside that may go there', () => {
    const alongside = chosen(1, 500).flatMap((planned) => planned.alongside ?? []);

    expect(alongside.length).toBeGreaterThan(0);
    expect(alongside.filter(({ fault }) => fault.mayGoAlongside !== true)).toEqual([]);
  });

  test('leaves out what makes no sense in the phase', () => {
    const run = async (): Promise<void> => {};
    const everywhere: Fault = { name: 'a', description: '', weight: 1, run };
    const elsewhere: Fault = { ...everywhere, name: 'b', weight: 100, phases: ['other'] };
    const options = { random: seededRandom(1), catalogue: [everywhere, elsewhere], phase };

    const names = chooseFaults({ ...options, count: 20 }).map(({ fault }) => fault.name);

    expect(new Set(names)).toEqual(new Set(['a']));
  });

  test('goes by weights', () => {
    const run = async (): Promise<void> => {};
    const rare: Fault = { name: 'rare', description: '', weight: 1, run };
    const frequent: Fault = { name: 'frequent', description: '', weight: 9, run };
    const options = { random: seededRandom(1), catalogue: [rare, frequent], phase };

    const faults = chooseFaults({ ...options, count: 1000 });

    const count = faults.filter(({ fault }) => fault === frequent).length;
    expect(count).toBeGreaterThan(850);
    expect(count).toBeLessThan(950);
  });

  test('without an end begins like one of a certain length', () => {
    const endless = endlessFaults({ random: seededRandom(7), catalogue, phase });

    const first = Array.from({ length: 50 }, () => endless.next().value);

    expect(first).toEqual(chosen(7, 50));
  });
});

test('a pick from nothing is refused', () => {
  expect(() => seededRandom(1).pick([])).toThrow('Cannot pick one of nothing');
});

test('a shuffle keeps what it shuffles', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.integer()), (seed, things) => {
      const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
      expect(sorted(seededRandom(seed).shuffled(things))).toEqual(sorted(things));
    }),
  );
});

test('every kind of fault has a name of its own and says what it does', () => {
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  for (const { description, weight } of catalogue) {
    expect(description).not.toBe('');
    expect(weight).toBeGreaterThan(0);
  }
});
