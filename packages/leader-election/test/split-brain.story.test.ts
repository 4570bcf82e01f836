import { FakeClock } from '@kubeloop/ratelimiter/testing';
import {
  array,
  assert as assertProperty,
  asyncProperty,
  constantFrom,
  integer,
  record,
} from 'fast-check';
import { expect, test } from 'vitest';
import { Contender } from './support/contender.ts';
import { SharedRecord, type Fault } from './support/memory-lock.ts';
import { PausableProcess } from './support/process.ts';

const times = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 500 };

/** One process of the story: it may be paused, cut off and killed, and comes back when it has lost. */
class Member {
  readonly process: PausableProcess;
  contender: Contender;
  isPaused = false;
  readonly #clock: FakeClock;
  readonly #shared: SharedRecord;
  readonly #identity: string;

  constructor(clock: FakeClock, shared: SharedRecord, identity: string) {
    this.#clock = clock;
    this.#shared = shared;
    this.#identity = identity;
    this.process = new PausableProcess(clock);
    this.contender = this.#start();
  }

  get believesToLead(): boolean {
    const { signal } = this.contender;
    return signal !== undefined && !signal.aborted;
  }

  async togglePause(): Promise<void> {
    if (this.isPaused) await this.process.resume();
    else this.process.pause();
    this.isPaused = !this.isPaused;
  }

  /** Starts again what has ended. */
  revive(): void {
    if (this.contender.outcome !== 'running') this.contender = this.#start();
  }

  #start(): Contender {
    const { process } = this;
    const options = { ...times, clock: process, releaseOnCancel: true, identity: this.#identity };
    const contender = new Contender(this.#clock, this.#shared, options);
    contender.lock.awake = () => process.awake();
    return contender.run();
  }
}

const events = array(
  record({
    afterMs: integer({ min: 1, max: 2_500 }),
    member: integer({ min: 0, max: 2 }),
    what: constantFrom<('pause' | 'stop' | 'heal' | Fault)[]>(
      'pause',
      'stop',
      'heal',
      'fail',
      'hang',
      'lose the answer',
    ),
  }),
  { maxLength: 25 },
);

test('two that run never lead at the same time, whatever is paused, cut off or stopped', async () => {
  await assertProperty(
    asyncProperty(events, async (story) => {
      const clock = new FakeClock();
      const shared = new SharedRecord();
      const members = ['a', 'b', 'c'].map((name) => new Member(clock, shared, name));
      const expectOneLeader = (): void => {
        // One that is paused cannot know; it does nothing until it wakes up, and that is seen then.
        const leaders = members.filter(
          ({ isPaused, believesToLead }) => believesToLead && !isPaused,
        );
        expect(leaders.length).toBeLessThanOrEqual(1);
        const sure = members.filter(({ contender }) => contender.elector.isLeader);
        expect(sure.length).toBeLessThanOrEqual(1);
      };
      for (const { afterMs, member: index, what } of story) {
        const member = members[index];
        if (!member) continue;
        if (what === 'pause') await member.togglePause();
        else if (what === 'stop') member.contender.stop.abort();
        else member.contender.lock.outage = what === 'heal' ? undefined : what;
        for (let pastMs = 0; pastMs < afterMs; pastMs += 50) {
          expectOneLeader();
          await clock.stepAsync(Math.min(50, afterMs - pastMs));
          expectOneLeader();
          for (const other of members) if (!other.isPaused) other.revive();
        }
      }
    }),
    { numRuns: 40 },
  );
}, 30_000);

test('the signal of a leader that is cut off has aborted before anybody else leads', async () => {
  const clock = new FakeClock();
  const shared = new SharedRecord();
  const leader = new Contender(clock, shared, { ...times, identity: 'a' }).run();
  await clock.stepAsync(1_000);
  const next = new Contender(clock, shared, { ...times, identity: 'b' }).run();
  await clock.stepAsync(700);

  leader.lock.outage = 'hang';
  while (!next.elector.isLeader) {
    const wasLeading = leader.signal?.aborted === false;
    await clock.stepAsync(10);
    expect(wasLeading && next.elector.isLeader).toBe(false);
  }

  expect(leader.outcome).toMatchObject({ reason: 'renew-deadline' });
  expect(shared.record?.holderIdentity).toBe('b');
});
