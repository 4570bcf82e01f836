import { expect, test } from 'vitest';
import { compare, type Comparison } from '../../src/queues/compare.ts';
import {
  parseRecording,
  readRecordings,
  type RecordedSequence,
  recordingsFolder,
} from '../../src/queues/recording.ts';
import { wantedDifferences } from '../../src/queues/wanted-differences.ts';

const texts = await readRecordings(recordingsFolder);
const recordings = [...texts].map(([name, text]) => ({ name, sequences: parseRecording(text) }));
const comparisons = new Map<string, Promise<Comparison>>();

/** Plays each recording once, for all tests. */
function comparisonOf(name: string, sequences: readonly RecordedSequence[]): Promise<Comparison> {
  const comparison = comparisons.get(name) ?? compare(sequences);
  comparisons.set(name, comparison);
  return comparison;
}

const cases: readonly [behaviour: string, file: string][] = [
  ['a work queue answers random sequences as client-go did', 'work-queue.txt'],
  ['a delaying queue answers random sequences as client-go did', 'delaying.txt'],
  ['a rate limiting queue answers random sequences as client-go did', 'rate-limiting.txt'],
  ['limiters of items answer random sequences as client-go did, to the nanosecond', 'limiters.txt'],
  [
    'a token bucket answers random sequences as golang.org/x/time/rate did, to the last bit',
    'token-bucket.txt',
  ],
  [
    'a backoff per item answers random sequences as client-go did, to the nanosecond',
    'item-backoff.txt',
  ],
  ['a priority queue answers random sequences as controller-runtime did', 'priority.txt'],
];

test.each(cases)('%s (%s)', async (_, file) => {
  const sequences = recordings.find(({ name }) => name === file)?.sequences ?? [];

  const comparison = await comparisonOf(file, sequences);

  expect(comparison.differences.join('\n\n')).toBe('');
  expect(comparison.sequences).toBeGreaterThan(300);
  expect(comparison.operations).toBeGreaterThan(5000);
});

test('every recording is played', () => {
  expect(recordings.map(({ name }) => name)).toEqual(cases.map(([, file]) => file).toSorted());
});

test.each(wantedDifferences.map(({ id, kinds }) => ({ id, kinds })))(
  'the wanted difference "$id" still occurs in $kinds',
  async ({ id, kinds }) => {
    const relevant = recordings.filter(({ sequences }) =>
      sequences.some(({ kind }) => kinds.includes(kind)),
    );

    const counts = await Promise.all(
      relevant.map(
        async ({ name, sequences }) => (await comparisonOf(name, sequences)).wanted.get(id) ?? 0,
      ),
    );

    expect(counts.some((count) => count > 0)).toBe(true);
  },
);
