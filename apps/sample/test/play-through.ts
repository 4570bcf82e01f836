import { quietLogger } from '@kubeloop/controller';
import type { Cluster } from '../src/cluster/cluster.ts';
import { Sample } from '../src/sample.ts';
import { ownerTrees, shapeOf } from '../src/story/owner-tree.ts';
import { playStory } from '../src/story/story.ts';

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
    const tree = shapeOf(ownerTrees(sample.stage.caches, sample.stage.namespace));
    await sample.clear(signal);
    return { told, tree };
  } finally {
    stop.abort();
    await running;
    await cluster.close();
  }
}
