/**
 * One request for many objects: each object of the resource that fans out belongs to a group, and a reconcile of the group
 * answers for all of them, as that of an owner does for what it owns.
 */
import { createHash } from 'node:crypto';

const groups = 20;
const groupName = /\/group-\d+$/;

/** The group of an object, as a key in its namespace. */
export function groupOf(key: string): string {
  const [namespace = '', name = ''] = key.split('/');
  const number = Number(/\d+$/.exec(name)?.[0] ?? 0);
  return `${namespace}/group-${number % groups}`;
}

/** Whether a key is that of a group. */
export function isGroup(key: string): boolean {
  return groupName.test(key);
}

/** What a reconcile of each group saw: the versions of its objects, in one short text. */
export function groupVersions(
  versions: Iterable<readonly [key: string, rv: string]>,
): ReadonlyMap<string, string> {
  const members = new Map<string, string[]>();
  for (const [key, rv] of versions) {
    const group = groupOf(key);
    const known = members.get(group);
    if (known) known.push(`${key}=${rv}`);
    else members.set(group, [`${key}=${rv}`]);
  }
  return new Map(Array.from(members, ([group, all]) => [group, digest(all)]));
}

function digest(members: readonly string[]): string {
  return createHash('sha256').update(members.toSorted().join()).digest('hex').slice(0, 16);
}
