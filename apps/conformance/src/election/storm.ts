import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import type { LeaseJournal } from './lease-journal.ts';
import { Member, monotonicMs, type Election } from './member.ts';

/** What is done to a member. */
export type Blow = 'SIGTERM' | 'SIGKILL' | 'short pause' | 'long pause';

/** How long a blow to a leader left the others without one. */
export interface HandOver {
  readonly blow: Blow;
  readonly from: Member['kind'];
  readonly to: Member['kind'];
  /** From the end of its work for SIGTERM, else from the blow, until the next leader said that it leads, in milliseconds. */
  readonly gapMs: number;
}

/** What a {@link Storm} is made of. */
export interface StormOptions {
  readonly election: Election;
  readonly journal: LeaseJournal;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/** Two electors of ours and two of client-go's, which are stopped, killed and paused one after the other. */
export class Storm {
  /** Everybody who has ever taken part. */
  readonly members: Member[] = [];
  readonly handOvers: HandOver[] = [];
  /** How many blows hit somebody who did not lead. */
  bystanders = 0;
  readonly #options: StormOptions;
  /** The blows that each kind gets before it gets one of them again. */
  readonly #decks: Record<Member['kind'], Blow[]> = { ours: [], 'client-go': [] };
  #born = 0;

  constructor(options: StormOptions) {
    this.#options = options;
  }

  /** Starts the four, and waits until one leads. */
  async start(): Promise<void> {
    for (const kind of ['ours', 'client-go', 'ours', 'client-go'] as const) this.#spawn(kind);
    await this.#settled();
  }

  /** Deals one blow and waits until somebody leads again and four take part. */
  async blow(): Promise<void> {
    const { random } = this.#options;
    const leader = await this.#settled();
    const others = this.#alive.filter((member) => member !== leader);
    const pick = random();
    const victim = pick < 0.8 ? leader : pickOf(others, random());
    const blow = this.#draw(victim.kind);
    // At any moment between two renewals.
    await sleep(random() * this.#options.election.times.retryMs * 1.2);
    if (victim === leader) await this.#hitLeader(leader, blow);
    else await this.#hitBystander(victim, leader, blow);
  }

  /** Stops everybody in good order, once all take part. */
  async stop(): Promise<void> {
    await this.#settled();
    for (const member of this.#alive) member.kill('SIGTERM');
    await Promise.all(this.members.map(({ ended }) => ended));
  }

  /** Ends everybody, whatever state they are in. */
  async destroy(): Promise<void> {
    for (const member of this.#alive) member.kill('SIGKILL');
    await Promise.all(this.members.map(({ ended }) => ended));
  }

  get #alive(): readonly Member[] {
    return this.members.filter(({ exit }) => exit === undefined);
  }

  /** The next blow for one of a kind: each comes as often as the others. */
  #draw(kind: Member['kind']): Blow {
    const deck = this.#decks[kind];
    if (deck.length === 0) deck.push('SIGTERM', 'SIGKILL', 'long pause', 'short pause');
    const blow = pickOf(deck, this.#options.random());
    deck.splice(deck.indexOf(blow), 1);
    return blow;
  }

  #spawn(kind: Member['kind']): void {
    this.#born += 1;
    this.members.push(new Member(this.#options.election, kind, `${kind}-${this.#born}`));
  }

  /** The leader, once there is exactly one, the Lease says so too, and all four take part. */
  async #settled(): Promise<Member> {
    return until(
      'four take part and one of them leads',
      async () => {
        const alive = this.#alive;
        const leaders = alive.filter(({ leads }) => leads);
        const [leader] = leaders;
        const { holder } = this.#options.journal;
        const isSettled =
          leaders.length === 1 &&
          leader?.identity === holder &&
          alive.length === 4 &&
          alive.every(({ runs }) => runs);
        return isSettled ? leader : undefined;
      },
      20_000,
    );
  }

  async #hitLeader(victim: Member, blow: Blow): Promise<void> {
    const at = monotonicMs();
    if (blow === 'short pause') {
      victim.pause();
      await sleep(this.#options.election.times.renewMs / 4);
      victim.resume();
      return;
    }
    if (blow === 'long pause') victim.pause();
    else victim.kill(blow);
    const next = await this.#nextLeader(victim, at);
    if (blow === 'long pause') victim.resume();
    // Killed, stopped, or lost: a leader of either kind ends then, and a new one comes in its place.
    await until(`${victim.identity} has ended`, async () => victim.exit, 10_000);
    const since = blow === 'SIGTERM' ? (victim.stoppedAt ?? Number.NaN) : at;
    const gapMs = (next.startedAt ?? Number.NaN) - since;
    this.handOvers.push({ blow, from: victim.kind, to: next.kind, gapMs });
    this.#spawn(victim.kind);
  }

  async #hitBystander(victim: Member, leader: Member, blow: Blow): Promise<void> {
    const { leaseMs, renewMs } = this.#options.election.times;
    if (blow.endsWith('pause')) {
      victim.pause();
      await sleep(blow === 'short pause' ? renewMs / 4 : leaseMs * 1.2);
      victim.resume();
    } else {
      victim.kill(blow === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
      await victim.ended;
      this.#spawn(victim.kind);
    }
    if (!leader.leads)
      throw new Error(`${leader.identity} lost by a ${blow} of ${victim.identity}`);
    this.bystanders += 1;
  }

  async #nextLeader(victim: Member, at: number): Promise<Member> {
    const isNext = (member: Member): boolean =>
      member !== victim && member.leads && (member.startedAt ?? 0) > at;
    return until(
      `somebody follows ${victim.identity}`,
      async () => this.#alive.find(isNext),
      20_000,
    );
  }
}

function pickOf<T>(values: readonly T[], random: number): T {
  const value = values[Math.floor(random * values.length)];
  if (value === undefined) throw new RangeError('There is nothing to pick from');
  return value;
}
