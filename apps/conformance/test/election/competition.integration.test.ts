import { goProgramOrSkip, sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { KubeClient, namespaces } from '@kubeloop/client';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { leaseFaults, overlaps, strangeEnds, type Overlap } from '../../src/election/audit.ts';
import { LeaseJournal } from '../../src/election/lease-journal.ts';
import { monotonicMs, type Election } from '../../src/election/member.ts';
import { Storm, type HandOver } from '../../src/election/storm.ts';

const times = { leaseMs: 3_000, renewMs: 2_000, retryMs: 500 };
/** What a busy machine may add to a time. */
const slackMs = 1_500;
/** How long a member that waits takes at most from one try to the next. */
const longestPauseMs = times.retryMs * 2.2;
/**
 * How long a hand-over may take. Who waits may see the last renewal one try late, reckons the lease from then, and may notice its end one try
 * late again.
 */
const longest = {
  SIGTERM: longestPauseMs + slackMs,
  SIGKILL: times.leaseMs + 2 * longestPauseMs + slackMs,
  'long pause': times.leaseMs + 2 * longestPauseMs + slackMs,
  'short pause': 0,
};
/** client-go gives the lock away while its work ends. */
const shortest = { ours: 0, 'client-go': -slackMs };
const seconds = Number(process.env['KUBELOOP_ELECTION_SECONDS'] ?? 75);
const seed = Number(process.env['KUBELOOP_ELECTION_SEED'] ?? randomInt(2 ** 31));
const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Marsaglia's xorshift, 32 bit: the same numbers for the same seed. */
function randomOf(start: number): () => number {
  let state = start || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** For how long those that woke up led beside another. */
function afterPauses(found: readonly Overlap[]): string {
  const lengths = (kind: Overlap['late']['kind']): string =>
    found.flatMap(({ late, ms }) => (late.kind === kind ? [Math.round(ms)] : [])).join(', ') || '0';
  return `  beside the next leader after a pause: client-go ${lengths('client-go')} ms; ours ${lengths('ours')} ms`;
}

/** The longest gaps, one line for each kind of hand-over. */
function summary(handOvers: readonly HandOver[]): string {
  const groups = Map.groupBy(handOvers, ({ blow, from, to }) => `${blow}: ${from} to ${to}`);
  return [...groups]
    .map(([title, group]) => {
      const gaps = group.map(({ gapMs }) => Math.round(gapMs)).toSorted((a, b) => a - b);
      return `  ${title}: ${gaps.join(', ')} ms`;
    })
    .toSorted()
    .join('\n');
}

test(
  'electors of ours and of client-go, killed, stopped and paused at random, never lead at the same time and take over in time',
  { timeout: (seconds + 75) * 1_000 },
  async (context) => {
    const access = sharedControlPlaneOrSkip(context);
    const goProgram = await goProgramOrSkip(context, {
      module: folder('go'),
      package: './cmd/elector',
      outputFolder: folder('temp'),
    });
    await using client = new KubeClient({ ...access });
    const { metadata } = await client
      .resource(namespaces)
      .create({ metadata: { generateName: 'election-' } });
    const namespace = metadata?.name ?? '';
    const election: Election = { access, namespace, name: 'storm', times, goProgram };
    const journal = new LeaseJournal(election);
    const storm = new Storm({ election, journal, random: randomOf(seed) });
    const report = (): string =>
      `seed ${seed}, ${storm.members.length} processes, ${journal.states.length} states of the Lease, ` +
      `${storm.bystanders} blows to bystanders\n${summary(storm.handOvers)}\n` +
      afterPauses(overlaps(storm.members, times));

    try {
      const end = monotonicMs() + seconds * 1_000;
      await storm.start();
      while (monotonicMs() < end) await storm.blow();
      await storm.stop();
    } catch (error) {
      const complaints = storm.members.map(
        ({ identity, complaints: text }) => `${identity}: ${text}`,
      );
      throw new Error(`${report()}\n${complaints.join('\n')}`, { cause: error });
    } finally {
      await storm.destroy();
      await journal[Symbol.asyncDispose]();
      await client.resource(namespaces).delete(namespace);
    }

    process.stderr.write(`An election among four: ${report()}\n`);
    for (const { identity, complaints } of storm.members)
      if (complaints !== '') process.stderr.write(`${identity}: ${complaints}\n`);
    // Together, so that a failure tells all of it; the report stands on standard error.
    expect({
      doubleLeaders: overlaps(storm.members, times)
        .filter((overlap) => !overlap.isAllowed)
        .map(
          ({ late, other, ms }) => `${late.identity} and ${other.identity}: ${ms.toFixed(1)} ms`,
        ),
      leaseFaults: leaseFaults(journal.states, times),
      strangeEnds: strangeEnds(storm.members),
      lateHandOvers: storm.handOvers.filter(
        ({ blow, from, gapMs }) => !(gapMs >= shortest[from] && gapMs <= longest[blow]),
      ),
      holder: journal.holder,
    }).toEqual({
      doubleLeaders: [],
      leaseFaults: [],
      strangeEnds: [],
      lateHandOvers: [],
      holder: '',
    });
    expect(storm.handOvers.length).toBeGreaterThan(seconds / 15);
  },
);
