import type { Socket } from 'node:net';

/** Which way bytes go: from the subject to the server, from the server to the subject, or both. */
export type Direction = 'up' | 'down' | 'both';

/** What happens to the bytes of a connection. Absent members mean nothing out of the ordinary. */
export interface Trouble {
  /** Nothing passes, and the sockets stay open; what waits is delivered when the trouble ends. */
  readonly freeze?: boolean;
  /** Nothing passes ever again, not even after the trouble: a connection whose other end is gone without a word. */
  readonly swallow?: boolean;
  /** Each chunk passes so much later, in milliseconds. */
  readonly delayMs?: number;
  /** So many bytes pass a second. */
  readonly bytesPerSecond?: number;
  /** After so many further bytes the connection is cut. */
  readonly cutAfterBytes?: number;
  /** One bit of the next chunk is turned, which TLS notices. */
  readonly corrupt?: boolean;
}

/** How often waiting bytes are looked at while they are throttled, in milliseconds. */
const throttleStepMs = 50;

/** One direction of a connection: takes bytes from one socket and gives them to the other, with trouble if told so. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #cut: () => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Bytes that may not pass yet, oldest first; undefined is the end of the stream. */
  #waiting: (Buffer | undefined)[] = [];
  #trouble: Trouble = {};
  #isSwallowing = false;
  #isClosed = false;
  #untilCut = Infinity;
  /** Delayed chunks that are under way; while there are any, later ones go the same way, so that order is kept. */
  #delayed = 0;
  #isThrottling = false;

  /** `cut` closes the whole connection. */
  constructor(from: Socket, to: Socket, cut: () => void) {
    this.#from = from;
    this.#to = to;
    this.#cut = cut;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.once('end', () => this.#take(undefined));
    to.on('drain', () => this.#mayRead() && from.resume());
  }

  /** Whether bytes have been lost, so that this direction never works again. */
  get isSwallowing(): boolean {
    return this.#isSwallowing;
  }

  /** Sets the trouble. */
  afflict(trouble: Trouble): void {
    this.#trouble = trouble;
    this.#untilCut = trouble.cutAfterBytes ?? Infinity;
    if (trouble.swallow === true) this.#isSwallowing = true;
    if (trouble.freeze === true) this.#from.pause();
  }

  /** Ends the trouble and lets what waits pass. */
  heal(): void {
    this.#trouble = {};
    this.#untilCut = Infinity;
    if (this.#delayed === 0) this.#passWaiting();
    this.#from.resume();
  }

  /** Stops its timers and forgets what waits. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting = [];
  }

  #take(chunk: Buffer | undefined): void {
    if (this.#isClosed || this.#isSwallowing) return;
    const { freeze, delayMs, bytesPerSecond, corrupt } = this.#trouble;
    if (freeze === true) this.#waiting.push(chunk);
    else if (bytesPerSecond !== undefined) this.#throttle(chunk, bytesPerSecond);
    else if (delayMs !== undefined || this.#delayed > 0) this.#delay(chunk, delayMs ?? 0);
    else if (this.#waiting.length > 0) this.#waiting.push(chunk);
    else this.#pass(corrupt === true ? this.#corrupted(chunk) : chunk);
  }

  #corrupted(chunk: Buffer | undefined): Buffer | undefined {
    if (chunk === undefined || chunk.length === 0) return chunk;
    this.#trouble = {};
    const broken = Buffer.from(chunk);
    const last = broken.length - 1;
    broken[last] = (broken[last] ?? 0) ^ 1;
    return broken;
  }

  #delay(chunk: Buffer | undefined, delayMs: number): void {
    this.#delayed += 1;
    this.#waiting.push(chunk);
    this.#after(delayMs, () => {
      this.#delayed -= 1;
      // The oldest one, whoever's timer this is, so that a shorter delay overtakes nothing.
      if (this.#trouble.freeze !== true && this.#waiting.length > 0)
        this.#pass(this.#waiting.shift());
      if (this.#delayed === 0 && this.#trouble.freeze !== true) this.#passWaiting();
    });
  }

  #throttle(chunk: Buffer | undefined, bytesPerSecond: number): void {
    this.#waiting.push(chunk);
    this.#from.pause();
    if (this.#isThrottling) return;
    this.#isThrottling = true;
    const step = (): void => {
      const budget = Math.max(1, Math.floor((bytesPerSecond * throttleStepMs) / 1000));
      this.#passUpTo(budget);
      if (this.#waiting.length > 0) return this.#after(throttleStepMs, step);
      this.#isThrottling = false;
      if (this.#mayRead()) this.#from.resume();
    };
    this.#after(throttleStepMs, step);
  }

  #passUpTo(budget: number): void {
    let left = budget;
    while (left > 0 && this.#waiting.length > 0) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined && chunk.length > left) {
        this.#waiting.unshift(chunk.subarray(left));
        this.#pass(chunk.subarray(0, left));
        return;
      }
      left -= chunk?.length ?? 0;
      this.#pass(chunk);
    }
  }

  #passWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const chunk of waiting) this.#pass(chunk);
  }

  #pass(chunk: Buffer | undefined): void {
    if (this.#to.destroyed || this.#isClosed) return;
    if (chunk === undefined) {
      this.#to.end();
      return;
    }
    const passing = chunk.subarray(0, Math.min(chunk.length, this.#untilCut));
    this.#untilCut -= passing.length;
    if (passing.length > 0 && this.#to.writable && !this.#to.write(passing)) this.#from.pause();
    if (this.#untilCut <= 0) this.#cut();
  }

  #mayRead(): boolean {
    return this.#trouble.freeze !== true && !this.#isThrottling;
  }

  #after(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }
}
