import type { Cluster } from '../cluster/cluster.ts';
import { Sample } from '../sample.ts';
import type { Chapter } from '../story/chapter.ts';
import { createLoad } from '../story/load.ts';
import { ownerTrees } from '../story/owner-tree.ts';
import { playStory } from '../story/story.ts';
import { EventLog } from '../view/event-log.ts';
import { colours, plain } from '../view/style.ts';
import { treeLines } from '../view/tree-lines.ts';
import { runWhile } from './run-while.ts';

/**
 * The story as lines, without delays; then the final tree.
 *
 * @param pods - how many pods there are besides those of the story
 * @throws Error when something does not come true; what the controllers complained of last is printed before
 */
export async function printOnce(
  cluster: Cluster,
  pods: number,
  interrupted: AbortSignal,
): Promise<void> {
  const style = process.stdout.isTTY ? colours : plain;
  const startedMs = performance.now();
  console.log(`The WebApp controller on: ${cluster.title}`);
  const complaints = new EventLog(10);
  const sample = new Sample(cluster, { logger: complaints.logger() });
  const listener = {
    begins({ title, why }: Chapter, number: number) {
      console.log(`\n${style.strong(`${number}. ${title}`)}\n   ${style.faint(why)}`);
    },
    verified(says: string, afterMs: number) {
      console.log(`   ${style.good('✓')} ${says} ${style.faint(`(${Math.round(afterMs)} ms)`)}`);
    },
  };
  await runWhile(sample, interrupted, async (signal) => {
    try {
      await createLoad(cluster.client, pods, signal);
      const verified = await playStory(sample.stage, listener, { pods, pauseMs: 0, signal });
      console.log(`\n${style.strong('The final tree')}`);
      const trees = ownerTrees(sample.stage.caches, sample.stage.namespace);
      for (const line of treeLines(trees, style)) console.log(line);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      console.log(`\nEverything converged: ${verified} facts verified in ${seconds} s`);
    } catch (error) {
      for (const { text } of complaints.events) console.error(text);
      throw error;
    }
  });
}
