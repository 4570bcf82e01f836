import { expect, test } from 'vitest';
import { compare } from '../../src/queues/compare.ts';
import { parseRecording } from '../../src/queues/recording.ts';

/** Compares a recording that somebody might have made. */
async function differencesOf(...lines: readonly string[]): Promise<readonly string[]> {
  return (await compare(parseRecording(`${lines.join('\n')}\n`))).differences;
}

test('a recording that was answered as ours answers has no difference', async () => {
  const differences = await differencesOf(
    '= delaying 7 ["fifo"]',
    'A a 5',
    'a b > l1',
    'g > 0=b l0',
    'g',
    't 6 > 1=a@5',
  );

  expect(differences).toEqual([]);
});

test('a difference is told with the seed, what was done before it, what was expected and what came', async () => {
  const differences = await differencesOf(
    '= work-queue 7 ["fifo"]',
    'a a > l1',
    'a b > l2',
    'g > 0=b l1',
    'd b',
  );

  expect(differences).toEqual([
    [
      'A sequence of kind work-queue with the seed 7 and ["fifo"] differs after',
      '  a a > l1',
      '  a b > l2',
      'expected: g > 0=b l1',
      'actual:   g > 0=a l1',
    ].join('\n'),
  ]);
});

test.each([
  ['another length', '= work-queue 7 ["fifo"]', 'a a > l2'],
  ['a get that ought to wait', '= work-queue 7 ["fifo"]', 'a a > l1', 'g'],
  ['another get that is woken', '= work-queue 7 ["fifo"]', 'g', 'g', 'a a > 1=a'],
  ['another time of a wake', '= delaying 7 ["fifo"]', 'A a 5', 'g', 't 6 > 0=a@5.000002'],
  ['another count of requeues', '= rate-limiting 7 ["default"]', 'r a', 'n a > #2'],
  ['another priority', '= priority 7 ["default"]', 'p a p5 > l1', 'g > 0=a:4 l0'],
  ['a delay of one nanosecond more', '= limiter 7 ["default"]', 'w a > 5000001'],
  ['a token more', '= token-bucket 7 [10,2]', 'v 1 > 0', 'k > 1.0000000000000002'],
  [
    'a backoff that has ended',
    '= item-backoff 7 [1000000,5000000,0,0]',
    'n a 0 > 1000000',
    'i a 0 > 0',
  ],
  ['a drain that ought to wait', '= work-queue 7 ["fifo"]', 'a a > l1', 'g > 0=a l0', 'S > D0'],
])('%s is a difference', async (_, ...lines) => {
  expect(await differencesOf(...lines)).toHaveLength(1);
});

test('a wanted difference is one only in the kinds of sequences that it is listed for', async () => {
  const lines = ['a a > l1', 'd a > l2'];

  expect(await differencesOf('= stray-done 7 ["fifo"]', ...lines)).toEqual([]);
  expect(await differencesOf('= work-queue 7 ["fifo"]', ...lines)).toHaveLength(1);
});

test('items that are due at different moments are no tie', async () => {
  const lines = ['A a 10', 'A b 9.99', 't 20 > l2', 'g > 0=a l1'];

  expect(await differencesOf('= ties 7 ["fifo"]', ...lines)).toHaveLength(1);
});

test('an item that was never delayed has its own place among those of its priority', async () => {
  const lines = ['p a > l1', 'p b > l2', 'p b > l2', 'g > 0=b:0 l1'];

  expect(await differencesOf('= priority-at-once 7 ["default"]', ...lines)).toHaveLength(1);
});
