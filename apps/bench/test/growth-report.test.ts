import { expect, test } from 'vitest';
import { handlersSection, informersSection, objectsSection } from '../src/growth/report.ts';
import type { Line } from '../src/growth/series.ts';

function lineOf(...sizes: readonly (readonly [size: number, cpuS: number, mb: number])[]): Line {
  const points = sizes.map(([size, cpuS, mb]) => ({
    size,
    connections: size,
    figures: {
      startS: 1,
      syncS: 1 + cpuS,
      syncPeakMb: mb,
      syncBlockMs: 20,
      syncTimerMs: undefined,
      residentMb: mb,
      relistS: undefined,
      relistPeakMb: undefined,
      churnS: cpuS,
      churnBlockMs: 30,
      churnTimerMs: undefined,
    },
  }));
  return { title: 'ours', points };
}

function cellsOf(table: string): string[] {
  return table.split('\n').slice(2);
}

test('what further objects cost leaves out the runtime and the smallest size', () => {
  const { table } = objectsSection([lineOf([1000, 0.5, 100], [2000, 0.75, 110])], 1000);

  expect(cellsOf(table)).toEqual([
    '| ours | 1,000 | 500.0 | – | 500.0 | 100 | – | 20 | 30 |',
    '| ours | 2,000 | 375.0 | 250.0 | 750.0 | 110 | 10000 | 20 | 30 |',
  ]);
});

test('what further handlers cost is told for each object and each update', () => {
  const { table } = handlersSection([lineOf([1, 0.5, 100], [5, 0.9, 100])], 1000, 2000);

  expect(cellsOf(table)[1]).toBe('| ours | 5 | 0.90 | 100000 | 0.90 | 50000 | 100 | 20 | 30 |');
});

test('what further informers cost stands beside the connections', () => {
  const { table } = informersSection([lineOf([1, 0.5, 100], [5, 0.9, 108])], 100);

  expect(cellsOf(table)[1]).toBe(
    '| ours | 5 | 180.0 | 100.0 | 1800.0 | 108 | 2.00 | 5 | 20 | 30 |',
  );
});

test('a picture leaves out the sizes that it has no value for', () => {
  const { pictures } = objectsSection([lineOf([1000, 0.5, 100], [2000, 0.75, 110])], 1000);

  const further = pictures.find(({ name }) => name === 'objects-cpu');

  expect(further?.svg.match(/data-line/g)).toHaveLength(1);
});
