import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { goProgramOrSkip } from '@kubeloop/control-plane';
import { expect, onTestFinished, test } from 'vitest';
import { compare } from '../../src/queues/compare.ts';
import { recordQueues, recorderProgram } from '../../src/queues/recorder.ts';
import { parseRecording, readRecordings, recordingsFolder } from '../../src/queues/recording.ts';

/** The first build needs minutes. */
const buildTimeoutMs = 600_000;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeloop-queues-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test(
  'the recordings of this repository are what client-go and controller-runtime answer, byte by byte',
  async (context) => {
    const program = await goProgramOrSkip(context, recorderProgram);
    const folder = await temporaryFolder();

    await recordQueues({ program, folder });

    const [fresh, committed] = [
      await readRecordings(folder),
      await readRecordings(recordingsFolder),
    ];
    expect([...fresh.keys()]).toEqual([...committed.keys()]);
    // Compared here: a diff of megabytes helps nobody.
    const changed = [...fresh].filter(([name, text]) => committed.get(name) !== text);
    expect(changed.map(([name]) => name)).toEqual([]);
  },
  buildTimeoutMs,
);

test(
  'sequences that nobody has seen before are answered alike',
  async (context) => {
    const program = await goProgramOrSkip(context, recorderProgram);
    const folder = await temporaryFolder();
    // Not 1, the seed of the recordings.
    const fresh = 2 + Math.floor(Math.random() * 1e9);
    const seed = Number(process.env['KUBELOOP_RECORD_SEED'] ?? fresh);
    console.log(`Playing fresh recordings with KUBELOOP_RECORD_SEED=${seed}`);

    await recordQueues({ program, folder, seed });

    for (const [name, text] of await readRecordings(folder)) {
      const { differences } = await compare(parseRecording(text));
      expect(differences.slice(0, 3).join('\n\n'), `${name}, KUBELOOP_RECORD_SEED=${seed}`).toBe(
        '',
      );
    }
  },
  buildTimeoutMs,
);
