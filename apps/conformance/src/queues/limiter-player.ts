import type { RateLimiter } from '@kubeloop/ratelimiter';
import { limiterOf } from './limiter-of.ts';
import { argument, nsText, type Player, PlayerTime } from './player.ts';

/** Plays `w item [times]`, `f item`, `n item` and `t ns` on one of our limiters. */
export class LimiterPlayer implements Player {
  readonly #time = new PlayerTime();
  readonly #limiter: RateLimiter<string>;

  constructor(spec: unknown) {
    this.#limiter = limiterOf(spec, this.#time.clock);
  }

  async play(operation: string, args: readonly string[]): Promise<string[]> {
    const first = argument(args, 0);
    switch (operation) {
      case 'w': {
        let delayMs = 0;
        for (let times = Number(args[1] ?? 1); times > 0; times -= 1)
          delayMs = this.#limiter.when(first);
        return [nsText(delayMs)];
      }
      case 'f':
        this.#limiter.forget(first);
        return [];
      case 'n':
        return [String(this.#limiter.numRequeues(first))];
      case 't':
        await this.#time.passNs(Number(first));
        return [];
      default:
        throw new Error(`Cannot play ${operation} on a limiter`);
    }
  }
}
