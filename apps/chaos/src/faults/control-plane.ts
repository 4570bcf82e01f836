import { setTimeout as sleep } from 'node:timers/promises';

import { installCustomResource, removeCustomResource } from '../custom-resource.ts';
import { gadgets } from '../subject-protocol.ts';
import type { Fault } from './fault.ts';

/** Faults of the server itself. */
export const controlPlaneFaults: readonly Fault[] = [
  {
    name: 'apiserver-restart',
    description: 'kube-apiserver is stopped and started again, so that old watches are 410 Gone',
    weight: 4,
    run: ({ controlPlane }) => controlPlane.restartApiServer(),
  },
  {
    name: 'apiserver-crash',
    description: 'kube-apiserver is killed, and started again',
    weight: 4,
    async run({ controlPlane }, { durationMs }) {
      await controlPlane.kill('kube-apiserver', 'SIGKILL');
      await sleep(durationMs / 2);
      await controlPlane.restartApiServer();
    },
  },
  {
    name: 'apiserver-freeze',
    description: 'kube-apiserver stands still for a while',
    weight: 6,
    async run({ controlPlane }, { durationMs }) {
      await controlPlane.kill('kube-apiserver', 'SIGSTOP');
      await sleep(durationMs);
      await controlPlane.kill('kube-apiserver', 'SIGCONT');
    },
  },
  {
    name: 'etcd-freeze',
    description: 'etcd stands still for a while',
    weight: 4,
    async run({ controlPlane }, { durationMs }) {
      await controlPlane.kill('etcd', 'SIGSTOP');
      await sleep(durationMs);
      await controlPlane.kill('etcd', 'SIGCONT');
    },
  },
  {
    name: 'compact',
    description: 'etcd forgets its history while the subject is cut off and much is written',
    weight: 6,
    async run({ controlPlane, proxy, writer }, { durationMs }) {
      await proxy.refuse();
      proxy.cut('reset');
      await writer.burst(60);
      await controlPlane.compact();
      await sleep(durationMs / 3);
      await proxy.listen();
    },
  },
  {
    name: 'crd-removed',
    description:
      'The definition of the custom resource is deleted, and its objects with it, and put back',
    weight: 2,
    async run({ api, writer }, { durationMs }) {
      // Otherwise the writer creates objects faster than the server removes them.
      await writer.quiesce();
      await removeCustomResource(api);
      writer.forget(gadgets.plural);
      await sleep(durationMs);
      await installCustomResource(api);
      await writer.refill(gadgets.plural);
    },
  },
];
