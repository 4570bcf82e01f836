import type { Announcement } from './membership.ts';
import { assign, type Assignment } from './rendezvous.ts';

/** What to do about a partition. */
export type Step = 'subscribe' | 'release' | 'keep';

/** What a step depends on. */
export interface ShareView {
  readonly index: number;
  readonly isSubscribed: boolean;
  /** Whether keys are held back that another process may be at. */
  readonly isInGrace: boolean;
  /** The owner behind whom this process has lined up, if any. */
  readonly behind: string | undefined;
}

/** Who is to have which partition, as this process sees it. */
export class Shares {
  readonly #identity: string;
  readonly #assignments: readonly Assignment[];
  /** Who is subscribed to which partitions. */
  readonly #subscribed: ReadonlyMap<string, ReadonlySet<number>>;

  readonly #losses: ReadonlyMap<string, number>;

  constructor(identity: string, partitions: number, others: readonly Announcement[]) {
    this.#identity = identity;
    this.#assignments = assign(partitions, [identity, ...others.map(({ id }) => id)]);
    this.#subscribed = new Map(others.map(({ id, subscribed }) => [id, new Set(subscribed)]));
    this.#losses = new Map(others.map(({ id, losses }) => [id, losses]));
  }

  /** Whether this process is to own the partition. */
  isMine(index: number): boolean {
    return this.#assignments[index]?.owner === this.#identity;
  }

  /** Names the other process that is to own the partition and is in line for it, as long as it keeps its place there. */
  ownerOf(index: number): string | undefined {
    const owner = this.#assignments[index]?.owner;
    if (owner === undefined || !this.#subscribed.get(owner)?.has(index)) return undefined;
    return `${this.#losses.get(owner)} ${owner}`;
  }

  /** The process that gets the partition next when this one gives it up; `undefined` when that is not certain. */
  heirOf(index: number): string | undefined {
    const heirs = [...this.#subscribed].filter(([, partitions]) => partitions.has(index));
    return heirs.length === 1 ? heirs[0]?.[0] : undefined;
  }

  /**
   * Two processes subscribe to each partition: its owner, and one that stands by. The broker feeds the one that came first. So whoever
   * came before the owner gives the partition up once the owner is there, and lines up again behind it if it is to stand by.
   */
  step({ index, isSubscribed, isInGrace, behind }: ShareView): Step {
    const assignment = this.#assignments[index];
    const isStandby = assignment?.standby === this.#identity;
    if (!isSubscribed) return this.isMine(index) || isStandby ? 'subscribe' : 'keep';
    const owner = this.ownerOf(index);
    if (this.isMine(index) || owner === undefined || isInGrace) return 'keep';
    return isStandby && behind === owner ? 'keep' : 'release';
  }
}
