import { describe, expect, test } from 'vitest';
import { GoneOwners } from '../src/gone-owners.ts';

const owner = (uid: string): { metadata: { name: string; uid: string } } => ({
  metadata: { name: 'set', uid },
});

describe('owners that are gone', () => {
  test('are known by their uid, with their own owners and nothing else', () => {
    const gone = new GoneOwners();
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', uid: 'd' }];

    gone.add({
      kind: 'ReplicaSet',
      metadata: { ...owner('a').metadata, ownerReferences, labels: {} },
    });

    expect(gone.get('a')).toEqual({
      metadata: { name: 'set', namespace: undefined, uid: 'a', ownerReferences },
    });
    expect(gone.get('b')).toBeUndefined();
  });

  test('beyond the limit those that went first are forgotten', () => {
    const gone = new GoneOwners(2);

    for (const uid of ['a', 'b', 'a', 'c']) gone.add(owner(uid));

    expect(['a', 'b', 'c'].filter((uid) => gone.get(uid))).toEqual(['a', 'c']);
  });

  test('without a uid are not kept', () => {
    const gone = new GoneOwners();

    gone.add({ metadata: { name: 'set' } });

    expect(gone.get('')).toBeUndefined();
  });
});
