import {
  DelayingQueue,
  PriorityQueue,
  type PrioritizedGetResult,
  RateLimitingQueue,
  WorkQueue,
} from '@kubeloop/workqueue';
import { LastStorage } from './last-storage.ts';
import { limiterOf } from './limiter-of.ts';
import { argument, type NoteDifference, type Player, PlayerTime, settle } from './player.ts';

/** A get that has not returned, under the name that the recorder has for it. */
interface Parked {
  readonly id: number;
  name: number;
}

type AnyQueue = WorkQueue<string> | PriorityQueue<string>;

/**
 * Plays on one of our queues: `a item`, `A item ms`, `r item`, `p items options` additions of each sort, `g` get, `d item`
 * done, `f item` forget, `n item` requeues, `t ms`, `s` shutdown, `S` drain.
 *
 * Answers are what returned, gets (`id=item` or `id!`) before drains (`Did`), and the length when it has changed.
 */
export class QueuePlayer implements Player {
  readonly #time = new PlayerTime();
  readonly #queue: AnyQueue;
  readonly #note: NoteDifference;
  /** The gets that wait, in the order in which they came. */
  readonly #parked: Parked[] = [];
  readonly #inWork = new Set<string>();
  #gets = 0;
  #drains = 0;
  #length = 0;
  #beganMs = 0;
  #isPassing = false;
  #got: { readonly name: number; readonly answer: string }[] = [];
  #drained: { readonly name: number; readonly answer: string }[] = [];

  constructor(kind: string, spec: unknown, note: NoteDifference) {
    this.#note = note;
    this.#queue = this.#make(kind, spec);
  }

  async play(operation: string, args: readonly string[]): Promise<string[]> {
    this.#beganMs = this.#time.clock.now();
    this.#isPassing = operation === 't';
    this.#got = [];
    this.#drained = [];
    const answers = await this.#do(operation, args);
    await settle();
    if (operation === 'd') this.#passTurn();
    for (const returned of [this.#got, this.#drained]) {
      returned.sort((left, right) => left.name - right.name);
      answers.push(...returned.map(({ answer }) => answer));
    }
    if (this.#queue.length !== this.#length) answers.push(`l${this.#queue.length}`);
    this.#length = this.#queue.length;
    return answers;
  }

  #make(kind: string, spec: unknown): AnyQueue {
    const { clock } = this.#time;
    if (kind.startsWith('priority'))
      return new PriorityQueue({ clock, rateLimiter: limiterOf(spec, clock), ageingMs: 0 });
    if (kind === 'rate-limiting')
      return new RateLimitingQueue({ clock, rateLimiter: limiterOf(spec, clock) });
    if (kind === 'delaying' || kind === 'ties') return new DelayingQueue({ clock });
    const isLast = JSON.stringify(spec) === '["last"]';
    return new WorkQueue({ clock, storage: isLast ? new LastStorage<string>() : undefined });
  }

  async #do(operation: string, args: readonly string[]): Promise<string[]> {
    const queue = this.#queue;
    switch (operation) {
      case 'g':
        this.#get();
        return [];
      case 'd':
        this.#inWork.delete(argument(args, 0));
        queue.done(argument(args, 0));
        return [];
      case 's':
        queue.shutDown();
        return [];
      case 'S':
        void this.#drain(this.#drains);
        this.#drains += 1;
        return [];
      case 't':
        await this.#time.passNs(Math.round(Number(args[0]) * 1e6));
        return [];
      case 'n':
        return [`#${this.#limited().numRequeues(argument(args, 0))}`];
      case 'f':
        this.#limited().forget(argument(args, 0));
        return [];
      default:
        this.#add(operation, args);
        return [];
    }
  }

  #add(operation: string, args: readonly string[]): void {
    const queue = this.#queue;
    const item = argument(args, 0);
    if (operation === 'a') queue.add(item);
    else if (operation === 'A') delaying(queue).addAfter(item, Number(args[1]));
    else if (operation === 'r') this.#limited().addRateLimited(item);
    else if (operation === 'p' && queue instanceof PriorityQueue) addWith(queue, args);
    else throw new Error(`Cannot play ${operation} on this queue`);
  }

  #limited(): RateLimitingQueue<string> | PriorityQueue<string> {
    const queue = this.#queue;
    if (queue instanceof RateLimitingQueue || queue instanceof PriorityQueue) return queue;
    throw new Error('Cannot limit the rate of this queue');
  }

  #get(): void {
    const parked: Parked = { id: this.#gets, name: this.#gets };
    this.#gets += 1;
    this.#parked.push(parked);
    void this.#finishGet(parked);
  }

  async #finishGet(parked: Parked): Promise<void> {
    const result: PrioritizedGetResult<string> = await this.#queue.get();
    this.#parked.splice(this.#parked.indexOf(parked), 1);
    if (parked.name !== parked.id) this.#note('turn');
    if (!result.shutdown) this.#inWork.add(result.item);
    const priority = result.priority === undefined ? '' : `:${result.priority}`;
    const what = result.shutdown ? '!' : `=${result.item}${priority}`;
    this.#got.push({ name: parked.name, answer: `${parked.name}${what}${this.#after()}` });
  }

  async #drain(name: number): Promise<void> {
    await this.#queue.shutDownWithDrain();
    this.#drained.push({ name, answer: `D${name}${this.#after()}` });
  }

  /** When something returned while time passed. */
  #after(): string {
    return this.#isPassing ? `@${this.#time.sinceNs(this.#beganMs) / 1e6}` : '';
  }

  /**
   * The wanted difference `turn`: when nothing is in work any more, client-go's done wakes the get that has waited the
   * longest, for nothing, and so puts it behind the others. From then on each of our gets goes by the name of the one
   * that has its place in client-go.
   */
  #passTurn(): void {
    if (this.#queue instanceof PriorityQueue || this.#inWork.size > 0) return;
    const names = this.#parked.map(({ name }) => name);
    for (const [index, parked] of this.#parked.entries())
      parked.name = names[(index + 1) % names.length] ?? parked.name;
  }
}

function delaying(queue: AnyQueue): DelayingQueue<string> | PriorityQueue<string> {
  if (queue instanceof DelayingQueue || queue instanceof PriorityQueue) return queue;
  throw new Error('Cannot delay in this queue');
}

/** Adds `a,b` with the options `p5` priority, `+7.5` milliseconds and `r` rate limited. */
function addWith(queue: PriorityQueue<string>, args: readonly string[]): void {
  const options = args.slice(1);
  const priority = options.find((option) => option.startsWith('p'))?.slice(1);
  const after = options.find((option) => option.startsWith('+'))?.slice(1);
  queue.addAll(argument(args, 0).split(','), {
    priority: priority === undefined ? undefined : Number(priority),
    afterMs: after === undefined ? undefined : Number(after),
    rateLimited: options.includes('r'),
  });
}
