import { ItemBackoff } from '@kubeloop/ratelimiter';
import { argument, nsText, type Player, PlayerTime } from './player.ts';

/**
 * Plays on our backoff per item: `n item event [random]` next, `g item` get, `i item event` and `u item event` whether it is
 * in back-off since an event or since its update, `r item` reset, `d item` delete, `G` gc, `t ns`. Events are nanoseconds
 * since the beginning.
 */
export class BackoffPlayer implements Player {
  readonly #time = new PlayerTime();
  readonly #backoff: ItemBackoff<string>;
  #random = 0;

  constructor(spec: unknown) {
    // The recorder writes four numbers: the first delay and the longest one, the jitter, and after how many of the longest an item expires.
    const [initial, longest, jitter, patience] = spec as readonly [number, number, number, number];
    this.#backoff = new ItemBackoff({
      initialMs: initial / 1e6,
      maxMs: longest / 1e6,
      jitter,
      hasExpired:
        patience === 0
          ? undefined
          : (eventMs, lastMs, maxMs) =>
              Math.round((eventMs - lastMs) * 1e6) >= Math.round(maxMs * patience * 1e6),
      clock: this.#time.clock,
      random: () => this.#random,
    });
  }

  async play(operation: string, args: readonly string[]): Promise<string[]> {
    if (operation === 'G') {
      this.#backoff.gc();
      return [String(this.#backoff.size)];
    }
    const item = argument(args, 0);
    const eventMs = Number(args[1]) / 1e6;
    switch (operation) {
      case 'n':
        this.#random = Number(args[2] ?? 0);
        this.#backoff.next(item, eventMs);
        return [nsText(this.#backoff.get(item))];
      case 'g':
        return [nsText(this.#backoff.get(item))];
      case 'i':
        return [this.#backoff.isInBackOffSince(item, eventMs) ? '1' : '0'];
      case 'u':
        return [this.#backoff.isInBackOffSinceUpdate(item, eventMs) ? '1' : '0'];
      case 'r':
        this.#backoff.reset(item);
        return [];
      case 'd':
        this.#backoff.delete(item);
        return [];
      case 't':
        await this.#time.passNs(Number(item));
        return [];
      default:
        throw new Error(`Cannot play ${operation} on a backoff`);
    }
  }
}
