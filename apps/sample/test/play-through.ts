import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { quietLogger } from '@kubeloop/controller';
import type { Cluster } from '../src/cluster/cluster.ts';
import { Sample } from '../src/sample.ts';
import { ownerTrees, shapeOf } from '../src/story/owner-tree.ts';
import { playStory } from '../src/story/story.ts';
import { finalTree } from './final-tree.ts';

/** How long what others write, such as a Deployment's status, may take to follow the last fact of the story. */
const settleMs = 15_000;

/** The tree as soon as it is the final one, or else the one that there is when the time is up. */
async function settled(read: () => object[]): Promise<object[]> {
  const deadlineMs = performance.now() + settleMs;
  for (;;) {
    const tree = read();
    if (isDeepStrictEqual(tree, finalTree) || performance.now() > deadlineMs) return tree;
    await wait(20);
  }
}

/** Plays the whole story on a cluster, and returns what it told and the shape of the tree it ended with. */
export async function playThrough(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ told: string[]; tree: object[] }> {
  const stop = new AbortController();
  const sample = new Sample(cluster, { logger: quietLogger });
  const running = sample.run({ signal: stop.signal });
  const told: string[] = [];
  try {
    const listener = { begins: () => {}, verified: (says: string) => void told.push(says) };
    await playStory(sample.stage, listener, { pauseMs: 0, signal });
    const tree = await settled(() =>
      shapeOf(ownerTrees(sample.stage.caches, sample.stage.namespace)),
    );
    await sample.clear(signal);
    return { told, tree };
  } finally {
    stop.abort();
    await running;
    await cluster.close();
  }
}
