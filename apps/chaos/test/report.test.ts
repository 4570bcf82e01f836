import { expect, test } from 'vitest';

import type { FaultOutcome, PhaseOutcome } from '../src/outcome.ts';
import { markdownReport, summarize } from '../src/report.ts';

const about = {
  subject: 'kubeloop',
  settings: 'tuned',
  seed: 7,
  versions: ['Kubernetes 1'],
  durationMs: 61_000,
};

const fine: FaultOutcome = {
  phase: 'defaults',
  fault: 'freeze',
  details: '',
  isFine: true,
  isLate: false,
  stalenessMs: 300,
  missing: 0,
  stale: 0,
  died: false,
  problems: [],
};

const phase: PhaseOutcome = {
  phase: 'defaults',
  faults: [
    fine,
    {
      ...fine,
      fault: 'freeze + reset',
      isFine: false,
      isLate: true,
      missing: 2,
      stale: 3,
      stalenessMs: 15_000,
    },
    { ...fine, fault: 'reset', isFine: false, died: true },
  ],
  checks: [
    { phase: 'defaults', check: 'memory is flat', isFine: true, details: 'heap 40 → 41 MiB' },
    { phase: 'defaults', check: 'the stop leaves nothing', isFine: false, details: 'Timeout' },
  ],
  memory: [],
  writes: 10,
  events: 20,
  reconciles: 5,
  errors: 1,
  errorKinds: { 'connection reset': 1 },
  objects: 100,
};

test('a summary adds up what phases found', () => {
  expect(summarize(about, [phase, phase])).toMatchObject({
    faults: 6,
    survived: 2,
    late: 2,
    missing: 4,
    stale: 6,
    died: 2,
    longestStalenessMs: 15_000,
    checks: { passed: 2, failed: 2 },
    writes: 20,
    errorKinds: { 'connection reset': 2 },
    memory: ['defaults: heap 40 → 41 MiB', 'defaults: heap 40 → 41 MiB'],
  });
});

test('pairs of faults count for the first of them', () => {
  expect(summarize(about, [phase]).byFault).toEqual({
    freeze: { survived: 1, of: 2 },
    reset: { survived: 0, of: 1 },
  });
});

test('a page has the figures and how they came about', () => {
  const page = markdownReport(about, summarize(about, [phase]));

  expect(page).toContain('# kubeloop (tuned), seed 7');
  expect(page).toContain('| faults survived | 1 of 3 |');
  expect(page).toContain('| longest staleness | 15.0 s |');
  expect(page).toContain('| freeze | 1 of 2 |');
});
