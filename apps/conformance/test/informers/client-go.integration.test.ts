import { goProgramOrSkip } from '@kubeloop/control-plane';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { recordClientGo } from '../../src/informers/record-client-go.ts';
import { readRecording } from '../../src/informers/recordings.ts';
import { topics } from '../../src/informers/scenarios.ts';

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * client-go's backoffs are real time, so that a busy machine can change what it does; and the first build takes minutes where
 * nothing is cached.
 */
const slow = { timeout: 600_000, retry: 2 };

test('client-go still does what was recorded', slow, async (context) => {
  const program = await goProgramOrSkip(context, {
    module: here('go'),
    package: './cmd/informer',
    outputFolder: here('temp/informers'),
  });

  const outcomes = await recordClientGo(Object.values(topics).flat(), program);

  for (const [topic, scenarios] of Object.entries(topics)) {
    const recording = await readRecording(topic);
    const again = scenarios.map(({ title }) => [title, outcomes.get(title)]);
    expect(Object.fromEntries(again)).toEqual(recording);
  }
});
