import { MaxWaitExceededError, type Reservation, TokenBucket } from '@kubeloop/ratelimiter';
import { argument, nsText, type Player, PlayerTime, settle } from './player.ts';

/**
 * Plays on our token bucket: `y n` allow, `v n` reserve, `c id` cancel of a reservation, `w n [longest]` wait, `x id` abort
 * of a wait, `k` tokens, `t ns`. Waits answer when they end: `id+` granted, `id-` refused, `idx` aborted, and after how long.
 */
export class BucketPlayer implements Player {
  readonly #time = new PlayerTime();
  readonly #bucket: TokenBucket;
  readonly #reservations: Reservation[] = [];
  readonly #waits: AbortController[] = [];
  #beganMs = 0;
  #ended: { readonly id: number; readonly answer: string }[] = [];

  constructor(spec: unknown) {
    // The recorder writes the rate and the size of the bucket.
    const [qps, burst] = spec as readonly [number | string, number];
    this.#bucket = new TokenBucket({ qps: Number(qps), burst, clock: this.#time.clock });
  }

  async play(operation: string, args: readonly string[]): Promise<string[]> {
    this.#beganMs = this.#time.clock.now();
    this.#ended = [];
    const answers = await this.#do(operation, args);
    await settle();
    const ended = this.#ended.toSorted((left, right) => left.id - right.id);
    return [...answers, ...ended.map(({ answer }) => answer)];
  }

  async #do(operation: string, args: readonly string[]): Promise<string[]> {
    const amount = Number(args[0]);
    switch (operation) {
      case 'y':
        return [this.#bucket.allow(amount) ? '1' : '0'];
      case 'v': {
        const reservation = this.#bucket.reserve(amount);
        this.#reservations.push(reservation);
        return [reservation.ok ? nsText(reservation.delayMs) : 'no'];
      }
      case 'c':
        this.#reservations[amount]?.cancel();
        return [String(this.#bucket.tokens)];
      case 'w':
        this.#wait(amount, args[1] === undefined ? undefined : Number(args[1]) / 1e6);
        return [];
      case 'x':
        this.#waits[amount]?.abort(new Error('aborted by the recording'));
        return [];
      case 'k':
        return [String(this.#bucket.tokens)];
      case 't':
        await this.#time.passNs(Number(argument(args, 0)));
        return [];
      default:
        throw new Error(`Cannot play ${operation} on a token bucket`);
    }
  }

  #wait(n: number, maxWaitMs: number | undefined): void {
    const id = this.#waits.length;
    const controller = new AbortController();
    this.#waits.push(controller);
    const end = (how: string): void => {
      this.#ended.push({ id, answer: `${id}${how}@${this.#time.sinceNs(this.#beganMs)}` });
    };
    void this.#bucket.wait({ n, signal: controller.signal, maxWaitMs }).then(
      () => end('+'),
      (error: unknown) => {
        if (controller.signal.aborted) end('x');
        else if (MaxWaitExceededError.is(error) || error instanceof RangeError) end('-');
        else end(String(error));
      },
    );
  }
}
