import type { ObjectLike } from '@kubeloop/cache-store';
import { Indexer, metaNamespaceKeyFunc } from '@kubeloop/cache-store';
import { describe, expect, test } from 'vitest';
import type { OwnerLink } from '../src/owner-mapping.ts';
import { ownerRequests, ownershipChanged, throughOwners } from '../src/owner-mapping.ts';
import { setControllerReference, setOwnerReference } from '../src/owner-references.ts';
import type { Request } from '../src/request.ts';

const make = (apiVersion: string, kind: string, name: string): ObjectLike => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'ns', uid: `uid-of-${name}` },
});
const webApp = make('example.com/v1', 'WebApp', 'shop');
const deployment = setControllerReference(webApp, make('apps/v1', 'Deployment', 'deploy'));
const replicaSet = setControllerReference(deployment, make('apps/v1', 'ReplicaSet', 'set'));
const pod = setControllerReference(replicaSet, make('v1', 'Pod', 'pod'));
const webApps = { group: 'example.com', kind: 'WebApp', namespaced: true };

function cache(kind: string, ...objects: ObjectLike[]): OwnerLink {
  const indexer = new Indexer<ObjectLike>({ keyFunc: metaNamespaceKeyFunc, indexers: {} });
  for (const object of objects) indexer.add(object);
  return { group: 'apps', kind, namespaced: true, getByKey: (key) => indexer.getByKey(key) };
}

const names = (requests: readonly Request[]): string[] =>
  requests.map(({ namespace, name }) => `${namespace}/${name}`);

describe('the owner itself', () => {
  test('an object leads to its controller in its own namespace', () => {
    expect(names(ownerRequests(webApps)(deployment))).toEqual(['ns/shop']);
  });

  test('an object of another owner leads nowhere', () => {
    expect(names(ownerRequests(webApps)(replicaSet))).toEqual([]);
    expect(names(ownerRequests(webApps)({}))).toEqual([]);
  });

  test('a cluster-scoped owner gets a request without a namespace', () => {
    expect(names(ownerRequests({ ...webApps, namespaced: false })(deployment))).toEqual(['/shop']);
  });

  test('owners that are not the controller count when every owner is wanted', () => {
    const shared = setOwnerReference(make('example.com/v1', 'WebApp', 'blog'), deployment);

    expect(names(ownerRequests(webApps)(shared))).toEqual(['ns/shop']);
    expect(names(ownerRequests(webApps, { matchEveryOwner: true })(shared))).toEqual([
      'ns/shop',
      'ns/blog',
    ]);
  });
});

describe('owners of owners', () => {
  test('three steps up through the caches lead to the owner of all', () => {
    const map = throughOwners(
      [cache('ReplicaSet', replicaSet), cache('Deployment', deployment)],
      webApps,
    );

    expect(names(map(pod))).toEqual(['ns/shop']);
  });

  test('a missing link leads nowhere and says why', () => {
    const reasons: string[] = [];
    const onMissing = (reason: string, { owner }: Readonly<Record<string, unknown>>): void =>
      void reasons.push(`${reason}: ${String(owner)}`);
    const map = throughOwners([cache('ReplicaSet', replicaSet), cache('Deployment')], webApps, {
      onMissing,
    });

    expect(names(map(pod))).toEqual([]);
    expect(reasons).toEqual(['An owner on the way up is not in the cache: Deployment/deploy']);
  });

  test('a link of the same name with another uid leads nowhere and says why', () => {
    const reasons: string[] = [];
    const impostor = { ...replicaSet, metadata: { ...replicaSet.metadata, uid: 'other' } };
    const map = throughOwners(
      [cache('ReplicaSet', impostor), cache('Deployment', deployment)],
      webApps,
      {
        onMissing: (reason) => void reasons.push(reason),
      },
    );

    expect(names(map(pod))).toEqual([]);
    expect(reasons[0]).toContain('another object of the same name');
  });

  test('an object whose owner is of another kind leads nowhere and nothing is missing', () => {
    const reasons: string[] = [];
    const onMissing = (reason: string): void => void reasons.push(reason);
    const map = throughOwners([cache('StatefulSet')], webApps, { onMissing });

    expect(names(map(pod))).toEqual([]);
    expect(reasons).toEqual([]);
  });
});

test('the appearance of a link, its end and changes of its owners can complete or cut a chain', () => {
  const orphan = make('apps/v1', 'ReplicaSet', 'set');

  expect(ownershipChanged.create).toBeUndefined();
  expect(ownershipChanged.update?.({ old: orphan, new: replicaSet })).toBe(true);
  expect(ownershipChanged.update?.({ old: replicaSet, new: { ...replicaSet } })).toBe(false);
  expect(ownershipChanged.delete).toBeUndefined();
});
