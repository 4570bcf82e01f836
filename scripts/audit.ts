// Asks the registry for known vulnerabilities of the dependencies that are shipped. Red for one that is high or critical,
// whether or not there is a fix. Where the registry does not answer, nothing is known: that is said, and is not red.
//
//   node scripts/audit.ts

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a run of `pnpm audit --json` gave. */
export interface AuditRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to make of it. */
export interface Verdict {
  readonly outcome: 'clean' | 'vulnerable' | 'unknown' | 'broken';
  readonly lines: readonly string[];
}

interface Advisory {
  readonly module_name?: string;
  readonly severity?: string;
  readonly title?: string;
  readonly url?: string;
  readonly vulnerable_versions?: string;
}

const red: ReadonlySet<string | undefined> = new Set(['high', 'critical']);

/** How pnpm says that it could not ask: its own codes for answers and for connections, and those of the network. */
const unreachable =
  /ERR_PNPM_(AUDIT_BAD_RESPONSE|AUDIT_ENDPOINT_NOT_EXISTS|META_FETCH_FAIL|FETCH_)|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|timed? ?out|fetch failed|error sending request/i;

/** Decides what a run means. */
export function verdictOf(run: AuditRun): Verdict {
  const advisories = advisoriesIn(run.stdout);
  if (advisories === undefined) {
    const said = `${run.stderr}\n${run.stdout}`.replace(/\s+/g, ' ').trim().slice(0, 500);
    if (unreachable.test(said) || run.code === null)
      return {
        outcome: 'unknown',
        lines: [
          'The registry could not be asked for known vulnerabilities, so NOTHING IS KNOWN of the dependencies',
          `It said: ${said}`,
        ],
      };
    return { outcome: 'broken', lines: [`pnpm audit failed with code ${run.code}: ${said}`] };
  }
  const lines = advisories.map(
    ({ severity, module_name, vulnerable_versions, title, url }) =>
      `${severity}: ${module_name} ${vulnerable_versions ?? ''}: ${title} ${url ?? ''}`,
  );
  const isVulnerable = advisories.some(({ severity }) => red.has(severity));
  const summary = `${advisories.length} known vulnerabilities of shipped dependencies`;
  return { outcome: isVulnerable ? 'vulnerable' : 'clean', lines: [...lines, summary] };
}

function advisoriesIn(stdout: string): readonly Advisory[] | undefined {
  try {
    const report: unknown = JSON.parse(stdout);
    if (typeof report !== 'object' || report === null || !('advisories' in report))
      return undefined;
    const { advisories } = report;
    if (typeof advisories !== 'object' || advisories === null) return undefined;
    // The members of a report are advisories; each of theirs is looked at as something that may be missing.
    return Object.values(advisories) as Advisory[];
  } catch {
    return undefined;
  }
}

function main(): number {
  const options = ['audit', '--prod', '--json'];
  const run = spawnSync('pnpm', options, { encoding: 'utf8', timeout: 120_000 });
  const { outcome, lines } = verdictOf({
    code: run.status,
    stdout: run.stdout ?? '',
    stderr: run.error ? String(run.error) : run.stderr,
  });
  for (const line of lines) console.log(line);
  return outcome === 'clean' || outcome === 'unknown' ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main());
