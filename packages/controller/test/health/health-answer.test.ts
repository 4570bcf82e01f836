import { describe, expect, test } from 'vitest';
import { healthAnswer } from '../../src/health/health-answer.ts';
import type { HealthReport } from '../../src/health/health-checks.ts';

const well: HealthReport = {
  isHealthy: true,
  checks: [
    { name: 'cache', outcome: 'ok', cause: undefined },
    { name: 'db', outcome: 'excluded', cause: undefined },
  ],
  unknown: [],
};
const ill: HealthReport = {
  isHealthy: false,
  checks: [
    { name: 'cache', outcome: 'ok', cause: undefined },
    { name: 'db', outcome: 'failed', cause: 'connection refused' },
  ],
  unknown: ['a', 'b'],
};

describe('an answer', () => {
  test('is one word when all is well', () => {
    const text = healthAnswer(well, { name: 'healthz', isVerbose: false, tellsCauses: false });

    expect(text).toBe('ok');
  });

  test('lists the checks when it is asked to', () => {
    const text = healthAnswer(well, { name: 'healthz', isVerbose: true, tellsCauses: true });

    expect(text).toBe('[+]cache ok\n[+]db excluded: ok\nhealthz check passed\n');
  });

  test('lists them too when one fails, and what could not be excluded', () => {
    const text = healthAnswer(ill, { name: 'readyz', isVerbose: false, tellsCauses: false });

    expect(text).toBe(
      '[+]cache ok\n[-]db failed: reason withheld\nwarn: some health checks cannot be excluded: no matches for "a","b"\nreadyz check failed\n',
    );
  });

  test('tells the cause when it may', () => {
    const text = healthAnswer(ill, { name: 'readyz', isVerbose: true, tellsCauses: true });

    expect(text).toContain('[-]db failed: connection refused\n');
  });
});
