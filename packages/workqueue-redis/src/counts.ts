import type { RedisQueueInspection } from './description.ts';
import type { Link } from './link.ts';
import type { Report } from './report.ts';
import type { Reply } from './transport.ts';

const nothing: RedisQueueInspection = {
  queued: 0,
  processing: 0,
  again: 0,
  delayed: 0,
  failing: 0,
  parked: 0,
};

/** What the server said last of how much there is. */
export class Counts {
  readonly #link: Link;
  readonly #report: Report;
  #last: RedisQueueInspection = nothing;
  #isAsking = false;

  constructor(link: Link, report: Report) {
    this.#link = link;
    this.#report = report;
  }

  /** What it said last; asks again. */
  get fresh(): RedisQueueInspection {
    if (!this.#isAsking && this.#link.state === 'connected') {
      this.#isAsking = true;
      void this.#refresh();
    }
    return this.#last;
  }

  /** What it said last. */
  get last(): RedisQueueInspection {
    return this.#last;
  }

  /** The server said by the way how many keys wait. */
  setQueued(queued: number): void {
    this.#last = { ...this.#last, queued };
    this.#report.measure((instruments) => instruments.queued.set(queued));
  }

  /** Asks now. */
  async ask(): Promise<RedisQueueInspection> {
    this.#last = countsOf(await this.#link.call('count', []));
    this.setQueued(this.#last.queued);
    return this.#last;
  }

  async #refresh(): Promise<void> {
    try {
      await this.ask();
    } catch (error) {
      if (this.#link.state !== 'closed') this.#report.error(error, 'counting keys');
    } finally {
      this.#isAsking = false;
    }
  }
}

function countsOf(reply: Reply): RedisQueueInspection {
  // What the script returns.
  const [queued = 0, processing = 0, again = 0, delayed = 0, failing = 0, parked = 0] =
    reply as number[];
  return { queued, processing, again, delayed, failing, parked };
}
