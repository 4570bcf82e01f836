import { expect, test } from 'vitest';
import { verdictOf } from '../../../../scripts/audit.ts';

const advisory = (severity: string): object => ({
  severity,
  module_name: 'undici',
  title: 'Something bad',
  url: 'https://example.com/1',
});
const report = (...severities: string[]): string =>
  JSON.stringify({ advisories: Object.fromEntries(severities.map((s, id) => [id, advisory(s)])) });

test.each([
  ['nothing', 0, report(), 'clean'],
  ['low and moderate ones', 1, report('low', 'moderate'), 'clean'],
  ['a high one', 1, report('low', 'high'), 'vulnerable'],
  ['a critical one', 1, report('critical'), 'vulnerable'],
])('an audit that finds %s is judged', (_, code, stdout, outcome) => {
  expect(verdictOf({ code, stdout, stderr: '' }).outcome).toBe(outcome);
});

test('a registry that does not answer makes nothing red, and says that nothing is known', () => {
  const verdict = verdictOf({
    code: 1,
    stdout: '',
    stderr: 'Error: ERR_PNPM_AUDIT_BAD_RESPONSE\n The audit endpoint responded with 405',
  });

  expect(verdict.outcome).toBe('unknown');
  expect(verdict.lines[0]).toContain('NOTHING IS KNOWN');
});

test('an audit that fails otherwise is red', () => {
  expect(verdictOf({ code: 1, stdout: 'oops', stderr: 'no lock file' }).outcome).toBe('broken');
});
