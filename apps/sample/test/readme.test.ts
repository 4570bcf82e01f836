import { readFileSync } from 'node:fs';
import { quietLogger } from '@kubeloop/controller';
import { expect, test } from 'vitest';
import { inProcessCluster } from '../src/cluster/in-process-cluster.ts';
import { Sample } from '../src/sample.ts';
import { chapters } from '../src/story/chapters.ts';

test('the transcript in the README tells the story as it is', async ({ signal }) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const cluster = await inProcessCluster(signal);
  const { stage } = new Sample(cluster, { logger: quietLogger });
  await cluster.close();

  const sentences = chapters(stage, 0).flatMap(({ title, why, facts }, index) => [
    `${index + 1}. ${title}`,
    why,
    ...facts.map(({ says }) => `✓ ${says}`),
  ]);

  expect(sentences.filter((sentence) => !readme.includes(sentence))).toEqual([]);
});
