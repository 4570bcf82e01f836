import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { goProgramOrSkip } from '@kubeloop/control-plane';
import { expect, test, type TestContext } from 'vitest';
import { recordedSeed, recorderProgram, recordFuzz } from '../../src/fuzz/recorder.ts';
import { readRecording, recordingsFolder } from '../../src/fuzz/recording.ts';
import { topics } from '../../src/fuzz/topics.ts';
import { compare } from './disagreements.ts';

test('Go writes the committed recordings again, byte for byte', async (context) => {
  await using folder = await record(context, recordedSeed);

  for (const topic of Object.keys(topics)) {
    const committed = await readFile(new URL(`${topic}.jsonl`, recordingsFolder));
    const written = await readFile(new URL(`${topic}.jsonl`, folder.url));
    expect({ topic, isSame: written.equals(committed) }).toEqual({ topic, isSame: true });
  }
});

test('cases that nobody has seen before have the outcome of Go', async (context) => {
  const seed = Number(process.env['KUBELOOP_FUZZ_SEED'] ?? randomInt(2 ** 31));
  console.log(`Fuzzing with KUBELOOP_FUZZ_SEED=${seed}`);
  await using folder = await record(context, seed);

  for (const topic of Object.keys(topics)) {
    const { disagreements } = compare(topic, readRecording(topic, folder.url));
    expect({ topic, seed, disagreements }).toEqual({ topic, seed, disagreements: [] });
  }
});

async function record(
  context: TestContext,
  seed: number,
): Promise<AsyncDisposable & { readonly url: URL }> {
  const program = await goProgramOrSkip(context, recorderProgram);
  const folder = await mkdtemp(join(tmpdir(), 'kubeloop-fuzz-'));
  await recordFuzz({ program, folder, seed });
  return {
    url: pathToFileURL(`${folder}/`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
