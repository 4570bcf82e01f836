import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws that follow from a seed alone. */
export interface Random {
  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** One of several. Throws a `RangeError` when there is none. */
  pick<T>(choices: readonly T[]): T;
  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[];
}

/** A generator of its own for each seed. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const integer = (least: number, most: number): number => uniformInt(generator, least, most);
  return {
    integer,
    pick(choices) {
      const chosen = choices[integer(0, Math.max(0, choices.length - 1))];
      if (chosen === undefined) throw new RangeError('Cannot pick one of nothing');
      return chosen;
    },
    shuffled(things) {
      const order = [...things];
      for (let last = order.length - 1; last > 0; last -= 1) {
        const other = integer(0, last);
        // Both indices are inside the array.
        [order[last], order[other]] = [order[other]!, order[last]!];
      }
      return order;
    },
  };
}

/** The seed of a run: `KUBELOOP_SEED` where it is set, else a new one. */
export function chooseSeed(): number {
  const wanted = process.env['KUBELOOP_SEED'];
  return wanted === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
}
