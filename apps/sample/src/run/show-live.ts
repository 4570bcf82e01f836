import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { Sample } from '../sample.ts';
import { createLoad } from '../story/load.ts';
import { playStory, type StoryListener } from '../story/story.ts';
import { EventLog } from '../view/event-log.ts';
import { pageLines, type PageContent } from '../view/page.ts';
import { Screen } from '../view/screen.ts';
import { colours } from '../view/style.ts';
import { runWhile } from './run-while.ts';

const drawEveryMs = 100;
const pauseMs = 4000;
/** Enough for a crash now and then, beside the one that the story tells of. */
const crashProbability = 0.01;
/** Slow enough to be seen. */
const startMs = 1200;
/** As long as a timer can wait. */
const forEverMs = 2 ** 31 - 1;

/**
 * The story on a screen that is drawn again and again, at a reader's pace. When it is over, the controllers go on.
 *
 * @param pods - how many pods there are besides those of the story
 * @throws the reason of `interrupted`, which is how it ends
 */
export async function showLive(
  cluster: Cluster,
  pods: number,
  interrupted: AbortSignal,
): Promise<void> {
  const log = new EventLog(12);
  const sample = new Sample(cluster, { logger: log.logger(), crashProbability, startMs });
  log.follow(sample.stage.caches);
  let content: PageContent = {
    title: cluster.title,
    chapter: undefined,
    progress: '',
    verified: [],
    log,
  };
  const listener: StoryListener = {
    begins: (chapter, number, count) => {
      content = { ...content, chapter, progress: `${number} of ${count}`, verified: [] };
    },
    verified: (says) => {
      content = { ...content, verified: [...content.verified, says] };
    },
  };
  const screen = new Screen(process.stdout);
  const drawing = setInterval(() => screen.draw(pageLines(sample, content, colours)), drawEveryMs);
  screen.open();
  try {
    await runWhile(sample, interrupted, async (signal) => {
      await createLoad(cluster.client, pods, signal);
      await playStory(sample.stage, listener, { pods, pauseMs, signal });
      content = { ...content, progress: 'the story is over, the controllers go on' };
      await wait(forEverMs, undefined, { signal });
    });
  } finally {
    clearInterval(drawing);
    screen.close();
  }
}
