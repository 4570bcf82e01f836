import { expect, test } from 'vitest';
import type { Measurement } from '../src/pod-informers/measure.ts';
import { merged, replaceBetween } from '../src/pod-informers/page.ts';
import { ratiosOf, summaryOf, tableOf } from '../src/pod-informers/summary.ts';

const program = (id: string) => ({ id, title: `the ${id}`, command: '', options: [] });

function round(cpuMs: number, faults: readonly string[] = []): Measurement {
  const phase = { cpuMs, peak: 3e6, blockMs: undefined, timerP99Ms: undefined };
  return { startCpuMs: 10, sync: phase, resident: 2e6, relist: undefined, churn: phase, faults };
}

test('a summary has the medians of the rounds', () => {
  const { figures } = summaryOf(program('floor'), [round(3000), round(1000), round(2000)]);

  expect(figures?.syncS).toBe(2);
  expect(figures?.residentMb).toBe(2);
  expect(figures?.syncPeakMb).toBe(3);
});

test('a peer that lost something in any round is marked, and what it lost is said once', () => {
  const lossy = summaryOf(program('lossy'), [
    round(1000),
    round(1000, ['3 updates lost']),
    round(1000, ['3 updates lost']),
  ]);

  const table = tableOf([summaryOf(program('floor'), [round(1000)]), lossy]);

  expect(table).toContain('| the lossy ⚠ |');
  expect(table).not.toContain('| the floor ⚠ |');
  expect(table.match(/⚠ the lossy: 3 updates lost\./g)).toHaveLength(1);
});

test('a peer that fails in every round has a line without figures', () => {
  const failed = summaryOf(program('failed'), [{ failure: 'it ended: too long' }]);

  const table = tableOf([summaryOf(program('floor'), [round(1000)]), failed]);

  expect(table).toMatch(/\| the failed ⚠ \|( – \|)+\n/);
  expect(table).toContain('⚠ the failed: it ended: too long.');
});

test('columns that nobody has figures for are left out', () => {
  const table = tableOf([summaryOf(program('floor'), [round(1000)])]);

  expect(table).toContain('sync CPU s');
  expect(table).not.toContain('relist');
  expect(table).not.toContain('block');
});

test('ratios divide ours by the others', () => {
  const ratios = ratiosOf([
    summaryOf(program('kubeloop'), [round(1000)]),
    summaryOf(program('floor'), [round(4000)]),
  ]);

  expect(ratios).toContain('| kubeloop ÷ floor | 0.25× | 1.00× | 1.00× | 0.25× |');
});

test('a section of a page replaces only what stands between its markers', () => {
  const page = 'before <!-- begin a -->old<!-- end a --> after';

  expect(replaceBetween(page, 'a', 'new')).toBe(
    'before <!-- begin a -->\n\nnew\n\n<!-- end a --> after',
  );
  expect(() => replaceBetween(page, 'b', 'new')).toThrow('the page has no markers');
});

test('a run of one size leaves what is known of other sizes', () => {
  const run = (objects: number, rounds: number) => ({
    objects,
    rounds,
    churn: 1,
    machine: '',
    command: '',
    summaries: [],
  });

  const runs = merged([run(1000, 1), run(20_000, 1)], [run(20_000, 3), run(10, 3)]);

  expect(runs.map(({ objects, rounds }) => [objects, rounds])).toEqual([
    [10, 3],
    [1000, 1],
    [20_000, 3],
  ]);
});
