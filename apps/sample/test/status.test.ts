import type { V1Pod } from '@kubernetes/client-node';
import type { Wire } from '@kubeloop/client';
import { findCondition, isConditionTrue } from '@kubeloop/controller';
import { expect, test } from 'vitest';
import { nodesOf, webAppStatus, type Observed } from '../src/web-app/status.ts';
import { webAppNamed, type WebApp } from '../src/web-app/web-app.ts';

const shop = webAppNamed('demo', 'shop', { image: 'nginx', replicas: 2 });
const nothing: Observed = { deployment: undefined, pods: [], selected: [], unreadyNodes: [] };
const at = (time: string) => (): Date => new Date(time);

function pod(name: string, status: 'True' | 'False', nodeName = 'a'): Wire<V1Pod> {
  return {
    metadata: { name },
    spec: { nodeName, containers: [] },
    status: { conditions: [{ type: 'Ready', status }] },
  };
}

test('a WebApp is available when as many pods are ready as it wants', () => {
  const pods = [pod('x', 'True'), pod('y', 'True')];

  expect(isConditionTrue(webAppStatus(shop, { ...nothing, pods }).conditions, 'Available')).toBe(
    true,
  );
  expect(isConditionTrue(webAppStatus(shop, nothing).conditions, 'Available')).toBe(false);
});

test('a pod that is being deleted is not ready', () => {
  const ending = { ...pod('x', 'True'), metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };

  expect(webAppStatus(shop, { ...nothing, pods: [ending] }).readyReplicas).toBe(0);
});

test('endpoints are the ready pods that the Service selects, whoever owns them', () => {
  const selected = [pod('x', 'True'), pod('stranger', 'True'), pod('y', 'False')];

  expect(webAppStatus(shop, { ...nothing, selected }).endpoints).toBe(2);
});

test('the time of a transition moves only when the condition does', () => {
  const first = webAppStatus(shop, nothing, at('2026-01-01T00:00:00Z'));
  const later: WebApp = { ...shop, status: first };

  const second = webAppStatus(later, nothing, at('2026-01-02T00:00:00Z'));

  expect(findCondition(second.conditions, 'Available')?.lastTransitionTime).toBe(
    '2026-01-01T00:00:00Z',
  );
});

test('a rollout goes on until every pod is of the newest template', () => {
  const pods = [pod('x', 'True'), pod('y', 'True')];
  const deployment = {
    metadata: { generation: 2 },
    status: { observedGeneration: 2, updatedReplicas: 1 },
  };
  const done = { ...deployment, status: { observedGeneration: 2, updatedReplicas: 2 } };

  const isProgressing = (observed: Observed): boolean =>
    isConditionTrue(webAppStatus(shop, observed).conditions, 'Progressing');

  expect(isProgressing({ ...nothing, pods, deployment })).toBe(true);
  expect(isProgressing({ ...nothing, pods, deployment: done })).toBe(false);
});

test('a node that is not ready is named', () => {
  const { conditions } = webAppStatus(shop, { ...nothing, unreadyNodes: ['node-1'] });

  expect(findCondition(conditions, 'NodesReady')).toMatchObject({
    status: 'False',
    reason: 'NodeNotReady',
  });
});

test('the nodes of pods are listed once and in order', () => {
  expect(nodesOf([pod('x', 'True', 'b'), pod('y', 'True', 'a'), pod('z', 'True', 'b')])).toEqual([
    'a',
    'b',
  ]);
});
