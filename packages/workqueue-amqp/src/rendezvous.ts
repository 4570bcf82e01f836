import { hashOf } from './partition.ts';

/** Who is to own a partition and who is to stand by. */
export interface Assignment {
  readonly owner: string;
  /** Takes over when the owner ends; none when there is one member. */
  readonly standby: string | undefined;
}

interface Pair {
  readonly partition: number;
  readonly member: string;
  readonly score: number;
}

/**
 * Shares partitions out to members by rendezvous hashing (Thaler and Ravishankar), with a load that no two members differ in by more
 * than one: plain rendezvous leaves one of four members with twice the work of another when there are sixteen partitions.
 *
 * Everybody who knows the same members comes to the same result, whatever the order, and most partitions stay where they are when a
 * member comes or goes.
 */
export function assign(partitions: number, members: Iterable<string>): readonly Assignment[] {
  const names = [...new Set(members)].sort();
  const pairs = pairsOf(partitions, names);
  const owners = ownersOf(partitions, names, pairs);
  const standbys: (string | undefined)[] = [];
  for (const { partition, member } of pairs)
    if (member !== owners[partition]) standbys[partition] ??= member;
  return owners.map((owner, partition) => ({ owner, standby: standbys[partition] }));
}

/** All pairs, the best first. */
function pairsOf(partitions: number, names: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (const member of names)
    for (let partition = 0; partition < partitions; partition += 1)
      pairs.push({ partition, member, score: hashOf(`${partition} ${member}`) });
  return pairs.sort((a, b) => b.score - a.score || a.partition - b.partition);
}

function ownersOf(partitions: number, names: readonly string[], pairs: readonly Pair[]): string[] {
  const owners: string[] = [];
  const loads = new Map<string, number>();
  const least = Math.floor(partitions / names.length);
  let extras = partitions % names.length;
  for (const { partition, member } of pairs) {
    const load = loads.get(member) ?? 0;
    if (owners[partition] !== undefined || load > least || (load === least && extras === 0))
      continue;
    if (load === least) extras -= 1;
    owners[partition] = member;
    loads.set(member, load + 1);
  }
  return owners;
}
