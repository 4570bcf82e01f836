import type { HealthCheckResult, HealthReport } from './health-checks.ts';

/** How much an answer tells. */
export interface AnswerStyle {
  /** Where the checks are served, such as `readyz`. */
  readonly name: string;
  /** Whether checks are listed although all is well. */
  readonly isVerbose: boolean;
  /** Whether causes are told. */
  readonly tellsCauses: boolean;
}

/**
 * What a probe is answered: `ok`, or one line for each check and one for all. The lines are those of kube-apiserver
 * (`k8s.io/apiserver/pkg/server/healthz`), except that causes can be told where it withholds them.
 */
export function healthAnswer(report: HealthReport, style: AnswerStyle): string {
  const { isHealthy, checks, unknown } = report;
  if (isHealthy && !style.isVerbose) return 'ok';
  const lines = checks.map((check) => line(check, style.tellsCauses));
  if (unknown.length > 0) {
    const names = unknown.map((each) => JSON.stringify(each)).join(',');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  return [...lines, `${style.name} check ${isHealthy ? 'passed' : 'failed'}`, ''].join('\n');
}

function line({ name, outcome, cause }: HealthCheckResult, tellsCauses: boolean): string {
  if (outcome === 'excluded') return `[+]${name} excluded: ok`;
  if (outcome === 'ok') return `[+]${name} ok`;
  return `[-]${name} failed: ${tellsCauses ? cause : 'reason withheld'}`;
}
