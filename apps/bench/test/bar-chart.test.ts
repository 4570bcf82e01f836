import { expect, test } from 'vitest';
import { barChart } from '../src/pod-informers/bar-chart.ts';

const bar = (label: string, value: number | undefined, isOurs = false) => ({
  label,
  value,
  isOurs,
});

function widthsOf(svg: string): number[] {
  return [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
}

test('bars are as long as their values say, on a scale of their panel', () => {
  const svg = barChart('CPU', 's', [
    { title: 'few', bars: [bar('a', 1), bar('b', 4)] },
    { title: 'many', bars: [bar('a', 100), bar('b', 50)] },
  ]);

  const [first = 0, second = 0, third = 0, fourth = 0] = widthsOf(svg);
  expect(second).toBe(4 * first);
  expect(third).toBe(second);
  expect(fourth).toBe(third / 2);
});

test('a missing value has no bar and says so', () => {
  const svg = barChart('CPU', 's', [{ title: 'few', bars: [bar('a', undefined), bar('b', 4)] }]);

  expect(widthsOf(svg)[0]).toBe(0);
  expect(svg).toContain('>–</text>');
});

test('names are text, never markup', () => {
  const svg = barChart('a < b', 's', [{ title: '<script>', bars: [bar('"&"', 1)] }]);

  expect(svg).not.toContain('<script>');
  expect(svg).toContain('a &lt; b');
  expect(svg).toContain('&quot;&amp;&quot;');
});
