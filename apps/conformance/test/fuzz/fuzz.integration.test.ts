import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { goProgramOrSkip } from '@kubeloop/control-plane';
import { expect, test, type TestContext } from 'vitest';
import { readRecording, recordingsFolder } from '../../src/fuzz/recording.ts';
import { topics } from '../../src/fuzz/topics.ts';
import { compare } from './disagreements.ts';

const run = promisify(execFile);

test('Go writes the committed recordings again, byte for byte', async (context) => {
  await using folder = await record(context, 1);

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
  const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const program = await goProgramOrSkip(context, {
    module: at('go'),
    package: './fuzz',
    outputFolder: at('temp/fuzz'),
  });
  const folder = await mkdtemp(join(tmpdir(), 'kubeloop-fuzz-'));
  await run(program, ['-seed', String(seed), '-out', folder]);
  return {
    url: pathToFileURL(`${folder}/`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
