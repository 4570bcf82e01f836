import { buildGoProgram } from '@kubeloop/control-plane';
import { fileURLToPath } from 'node:url';

import type { Outcome } from './outcome.ts';
import { recordClientGo } from './record-client-go.ts';
import { writeRecording } from './recordings.ts';
import { topics } from './scenarios.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const built = await buildGoProgram({
  module: here('go'),
  package: './cmd/informer',
  outputFolder: here('temp/informers'),
});
if ('missing' in built) throw new Error(`Cannot record client-go: ${built.missing}`);

const outcomes = await recordClientGo(Object.values(topics).flat(), built.path);
for (const [topic, scenarios] of Object.entries(topics)) {
  const recorded = scenarios.map(({ title }): [string, Outcome | undefined] => [
    title,
    outcomes.get(title),
  ]);
  const present = recorded.filter((entry): entry is [string, Outcome] => entry[1] !== undefined);
  await writeRecording(topic, Object.fromEntries(present));
}
console.log(`Recorded ${outcomes.size} scenarios`);
