import assert from 'node:assert/strict';
import type { AllAbilities } from './abilities.ts';
import { Handle, itemOf } from './handle.ts';
import type { QueueContractOptions, TestedQueue } from './options.ts';
import type { Pace } from './pace.ts';
import { TooSlow } from './too-slow.ts';

/** What a stage is made of. */
export interface StageOptions<Q extends TestedQueue> {
  readonly engine: Pick<QueueContractOptions<Q>, 'open' | 'openAnother' | 'close'>;
  readonly pace: Pace;
  readonly abilities: AllAbilities;
  readonly delayMs: number;
  readonly retryDelayMs: number;
  readonly seed: number;
}

/** An item that a worker has. */
export interface Taken {
  readonly by: Handle;
  readonly item: string;
}

/** Where one test takes place: it opens queues, waits, and leaves nothing behind. */
export interface Stage {
  readonly pace: Pace;
  readonly abilities: AllAbilities;
  /** The unit of delays. */
  readonly delayMs: number;
  /** The delay of a first failure. */
  readonly retryDelayMs: number;
  /** Where random workloads begin. */
  readonly seed: number;
  /** Opens an empty queue. */
  open(): Promise<Handle>;
  /** Opens an empty queue and a second handle to it. */
  openTwo(): Promise<readonly [Handle, Handle]>;
  /** Opens a second handle to the queue of one that this stage has opened. */
  openAnother(handle: Handle): Promise<Handle>;
  /** Fails unless the length is this: at once, or as soon as the engine knows. */
  hasLength(handle: Handle, length: number): Promise<void>;
  /** Gives up this attempt at the test when more than this has passed since `startMs`: then what it goes on to claim need not hold. */
  isInTime(startMs: number, limitMs: number): void;
  /** Fails if one of the promises settles. */
  isQuiet(what: string, ...promises: readonly Promise<unknown>[]): Promise<void>;
  /** Takes an item at one of these handles, where one must be or come. */
  takeAt(...handles: readonly Handle[]): Promise<Taken>;
  /**
   * Takes and does all that can be had at these handles without time passing: the number of items that must be or come, and those that
   * come besides. Returns the items in that order.
   */
  workOff(count: number, ...handles: readonly Handle[]): Promise<string[]>;
}

/** Runs `body` on a stage of its own, and cleans up whatever comes of it. */
export async function onStage<Q extends TestedQueue>(
  options: StageOptions<Q>,
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  const stage = new OneStage(options);
  try {
    await body(stage);
  } catch (error) {
    // What failed first is told, not what failed because of it.
    await stage.close().catch(() => {});
    throw error;
  }
  await stage.close();
}

class OneStage<Q extends TestedQueue> implements Stage {
  readonly pace: Pace;
  readonly abilities: AllAbilities;
  readonly delayMs: number;
  readonly retryDelayMs: number;
  readonly seed: number;
  readonly #engine: StageOptions<Q>['engine'];
  readonly #opened = new Map<Handle, Q>();

  constructor(options: StageOptions<Q>) {
    this.#engine = options.engine;
    this.pace = options.pace;
    this.abilities = options.abilities;
    this.delayMs = options.delayMs;
    this.retryDelayMs = options.retryDelayMs;
    this.seed = options.seed;
  }

  async open(): Promise<Handle> {
    return this.#keep(await this.#engine.open());
  }

  async openTwo(): Promise<readonly [Handle, Handle]> {
    const first = await this.open();
    return [first, await this.openAnother(first)];
  }

  async openAnother(handle: Handle): Promise<Handle> {
    const known = this.#opened.get(handle);
    assert.ok(known !== undefined && this.#engine.openAnother, 'This queue has one handle only');
    return this.#keep(await this.#engine.openAnother(known));
  }

  async hasLength(handle: Handle, length: number): Promise<void> {
    const what = `a length of ${length}`;
    if (!this.abilities.countsAtOnce) await this.pace.until(what, () => handle.length === length);
    assert.equal(handle.length, length, what);
  }

  isInTime(startMs: number, limitMs: number): void {
    const tookMs = this.pace.now() - startMs;
    if (tookMs >= limitMs) throw new TooSlow(tookMs, limitMs);
  }

  async isQuiet(what: string, ...promises: readonly Promise<unknown>[]): Promise<void> {
    assert.ok(!(await this.pace.settles(Promise.race(promises))), what);
  }

  async takeAt(...handles: readonly Handle[]): Promise<Taken> {
    const [taken, ...more] = await this.#take(handles, { mustCome: true });
    assert.ok(taken, 'An item was expected');
    assert.deepEqual(more, [], 'One item was expected');
    return taken;
  }

  async workOff(count: number, ...handles: readonly Handle[]): Promise<string[]> {
    const items: string[] = [];
    for (;;) {
      const taken = await this.#take(handles, { mustCome: items.length < count });
      if (taken.length === 0) return items;
      for (const { by, item } of taken) {
        items.push(item);
        await by.done(item);
      }
    }
  }

  /** Shuts down and cleans up all that was opened. Throws the first failure, after all have had their turn. */
  async close(): Promise<void> {
    const closings = [...this.#opened].map(async ([handle, queue]) => {
      await handle.shutDown();
      await this.#engine.close?.(queue);
    });
    const results = await Promise.allSettled(closings);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Takes one item at most from each handle: what can be had now, or at least one if it must come. */
  async #take(
    handles: readonly Handle[],
    { mustCome }: { readonly mustCome: boolean },
  ): Promise<Taken[]> {
    const controller = new AbortController();
    const gets = handles.map((handle) => handle.get({ signal: controller.signal }));
    const first = Promise.race(gets);
    if (mustCome) await this.pace.soon('an item', first);
    else await this.pace.settles(first);
    controller.abort();
    const results = await this.pace.soon('the end of a get', Promise.allSettled(gets));
    const taken: Taken[] = [];
    for (const [index, result] of results.entries()) {
      const by = handles[index];
      if (by && result.status === 'fulfilled' && !result.value.shutdown)
        taken.push({ by, item: itemOf(result.value) });
    }
    return taken;
  }

  #keep(queue: Q): Handle {
    const handle = new Handle(queue, this.pace);
    this.#opened.set(handle, queue);
    return handle;
  }
}
