/** Numbers that look random and repeat with their seed: a linear congruential generator with the constants of Numerical Recipes. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to 1, which it never is. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  /** A whole number from 0 to `count`, which it never is. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
