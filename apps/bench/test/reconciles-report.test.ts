import { expect, test } from 'vitest';
import { latencyTable, throughputTable } from '../src/reconciles/report.ts';

const ours = {
  server: 'one',
  work: 'no-op',
  peer: 'Kubeloop',
  perSecond: 3000,
  reconcilingPerSecond: 5000,
  cpuSeconds: 0.5,
  peakMegabytes: 200,
};
const theirs = {
  ...ours,
  peer: 'controller-runtime',
  perSecond: 2000,
  reconcilingPerSecond: 5000,
  cpuSeconds: 1,
  peakMegabytes: 100,
};

function rowOf(table: string, peer: string): string | undefined {
  return table.split('\n').find((line) => line.includes(`| ${peer} |`));
}

test('a controller is compared with controller-runtime', () => {
  const table = throughputTable([ours, theirs]);

  expect(rowOf(table, 'Kubeloop')).toBe(
    '| one | no-op | Kubeloop | 3,000 (1.50×) | 5,000 (1.00×) | 0.50 (0.50×) | 200 (2.00×) |',
  );
  expect(rowOf(table, 'controller-runtime')).toBe(
    '| one | no-op | controller-runtime | 2,000 | 5,000 | 1.00 | 100 |',
  );
});

test('a controller is not compared with the other work of controller-runtime', () => {
  const table = throughputTable([ours, { ...theirs, work: 'status' }]);

  expect(rowOf(table, 'Kubeloop')).toBe('| one | no-op | Kubeloop | 3,000 | 5,000 | 0.50 | 200 |');
});

test('latencies are compared with those on the same server', () => {
  const latency = { server: 'one', changes: 50, medianMs: 1, p99Ms: 4, cpuMsPerChange: 0.3 };
  const table = latencyTable([
    { ...latency, peer: 'Kubeloop' },
    { ...latency, peer: 'controller-runtime', medianMs: 2, p99Ms: 5, cpuMsPerChange: 0.6 },
    { ...latency, peer: 'controller-runtime', server: 'two' },
  ]);

  expect(rowOf(table, 'Kubeloop')).toBe(
    '| one | Kubeloop | 50 | 1.00 (0.50×) | 4.00 (0.80×) | 0.30 (0.50×) |',
  );
});
