import { expect, test } from 'vitest';
import { WorkQueue } from '@kubeloop/workqueue';
import {
  queueContract,
  type QueueContractOptions,
  type TestedQueue,
} from '@kubeloop/workqueue-conformance';
import { RecordingRunner } from './recording-runner.ts';

function options(
  changes: Record<string, unknown>,
  runner: RecordingRunner = new RecordingRunner(),
): QueueContractOptions<TestedQueue> {
  const { describe, test: testOf } = runner;
  const open = (): TestedQueue => new WorkQueue<string>();
  return { describe, test: testOf, open, time: { advance: () => {} }, ...changes };
}

function titlesWith(changes: Record<string, unknown>): readonly string[] {
  const runner = new RecordingRunner();
  queueContract(options(changes, runner));
  return runner.titles;
}

test.each([
  { changes: { describe: undefined }, error: TypeError },
  { changes: { test: 'test' }, error: TypeError },
  { changes: { open: new WorkQueue<string>() }, error: TypeError },
  { changes: { openAnother: true }, error: TypeError },
  { changes: { close: 1 }, error: TypeError },
  { changes: { time: undefined }, error: TypeError },
  { changes: { time: {} }, error: TypeError },
  { changes: { time: { advance: 5 } }, error: TypeError },
  { changes: { time: { slackMs: Number.NaN } }, error: RangeError },
  { changes: { time: { slackMs: '5' } }, error: TypeError },
  { changes: { time: { slackMs: 5, limitMs: 0 } }, error: RangeError },
  { changes: { delayMs: -1 }, error: RangeError },
  { changes: { retryDelayMs: Infinity }, error: RangeError },
  { changes: { seed: 0.5 }, error: RangeError },
  { changes: { abilities: { flies: true } }, error: TypeError },
  { changes: { abilities: { delays: 'yes' } }, error: TypeError },
  { changes: { abilities: { keepsAfterShutdown: true } }, error: TypeError },
])('options that make no sense are refused: $changes', ({ changes, error }) => {
  const runner = new RecordingRunner();

  expect(() => queueContract(options(changes, runner))).toThrow(error);
  expect(runner.titles).toEqual([]);
});

test('every test has a title of its own', () => {
  const titles = titlesWith({
    openAnother: (queue: TestedQueue) => queue,
    abilities: { keepsAfterShutdown: true, priorities: true },
  });

  expect(titles.length).toBeGreaterThan(80);
  expect(new Set(titles).size).toBe(titles.length);
});

test('the groups bear the name of the engine, if it has one', () => {
  const [named, bare] = [new RecordingRunner(), new RecordingRunner()];

  queueContract(options({ name: 'mine' }, named));
  queueContract(options({}, bare));

  expect([named.groups[0], bare.groups[0]]).toEqual(['mine: items', 'items']);
});

test('a queue without a method whose ability it claims is told what to say', async () => {
  const runner = new RecordingRunner();
  queueContract(options({ abilities: { retries: false } }, runner));

  const outcomes = await runner.run();

  const { error } = outcomes.find(({ title }) => title.startsWith('a delayed item comes')) ?? {};
  expect(String(error)).toContain('{ abilities: { delays: false } }');
});

test('every handle is closed once after its test, also when the test fails', async () => {
  const opened: TestedQueue[] = [];
  const closed: TestedQueue[] = [];
  const runner = new RecordingRunner();
  const open = (): TestedQueue => {
    const queue = new WorkQueue<string>();
    opened.push(queue);
    return queue;
  };
  queueContract(options({ open, close: (queue: TestedQueue) => closed.push(queue) }, runner));

  const outcomes = await runner.run();

  expect(outcomes.some(({ error }) => error !== undefined)).toBe(true);
  expect(closed).toEqual(opened);
  expect(closed.every((queue) => queue.shuttingDown)).toBe(true);
});

test('a clean-up that fails fails the test, but does not hide what failed before', async () => {
  const runner = new RecordingRunner();
  const close = (): void => {
    throw new Error('cannot close');
  };
  queueContract(options({ close, abilities: { retries: false } }, runner));

  const outcomes = await runner.run();

  const messages = outcomes.map(({ error }) => String(error));
  expect(messages.filter((message) => message === 'Error: cannot close').length).toBeGreaterThan(
    30,
  );
  expect(messages.some((message) => message.includes('no method addAfter'))).toBe(true);
});

test('a random workload that fails tells the seed with which it fails again', async () => {
  const runner = new RecordingRunner();
  const open = (): TestedQueue => {
    const queue = new WorkQueue<string>();
    queue.add = () => {};
    return queue;
  };
  queueContract(options({ open, seed: 77, abilities: { delays: false, retries: false } }, runner));

  const outcomes = await runner.run();

  const { error } = outcomes.find(({ title }) => title.startsWith('a random workload')) ?? {};
  expect(String(error)).toContain('seed: 77');
});
