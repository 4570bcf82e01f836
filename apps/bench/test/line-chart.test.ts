import { expect, test } from 'vitest';
import { lineChart } from '../src/growth/line-chart.ts';

const axes = { x: 'objects', y: 'µs' };

function dotsOf(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

test('equal values are on one height, and sizes are as far apart as their ratios say', () => {
  const points = [1, 10, 100].map((x) => ({ x, y: 5 }));

  const [first, second, third] = dotsOf(lineChart('flat', axes, [{ title: 'a', points }]));

  expect(second?.y).toBe(first?.y);
  expect(third?.y).toBe(first?.y);
  expect((third?.x ?? 0) - (second?.x ?? 0)).toBeCloseTo((second?.x ?? 0) - (first?.x ?? 0));
});

test('all lines share a scale that begins at zero', () => {
  const line = (title: string, y: number) => ({ title, points: [{ x: 1, y }] });

  const lines = [line('zero', 0), line('one', 1), line('two', 2)];
  const [zero, one, two] = dotsOf(lineChart('lines', axes, lines));

  expect((zero?.y ?? 0) - (two?.y ?? 0)).toBeCloseTo(2 * ((zero?.y ?? 0) - (one?.y ?? 0)));
});

test('titles are text, never markup', () => {
  const svg = lineChart('<b>', axes, [{ title: 'a & b', points: [{ x: 1, y: 1 }] }]);

  expect(svg).not.toContain('<b>');
  expect(svg).toContain('a &amp; b');
});
