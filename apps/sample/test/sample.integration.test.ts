import { sharedControlPlaneOrSkip } from '@kubeloop/control-plane';
import { expect, test } from 'vitest';
import { realCluster } from '../src/cluster/real-cluster.ts';
import { finalTree } from './final-tree.ts';
import { playThrough } from './play-through.ts';

/** A controller-manager looks for new kinds every 30 seconds; until then its garbage collector does not know WebApps. */
const timeoutMs = 180_000;

test(
  'the story ends in the same tree on a real control plane',
  async (context) => {
    const { kubeconfig } = sharedControlPlaneOrSkip(context);
    // The controller-manager makes ReplicaSets and pods and collects garbage; only nodes are missing there.
    const cluster = await realCluster({ kubeconfig, playsNodes: true }, context.signal);

    const { tree } = await playThrough(cluster, context.signal);

    expect(tree).toEqual(finalTree);
  },
  timeoutMs,
);
