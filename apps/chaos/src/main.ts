import { writeFile } from 'node:fs/promises';

import { findAssets, kubernetesVersion } from '@kubeloop/control-plane';

import { endlessFaults } from './chooser.ts';
import type { PlannedFault } from './chooser.ts';
import { faultCatalogue } from './faults/catalogue.ts';
import { help, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import type { PhaseOutcome } from './outcome.ts';
import { runPhase } from './phase.ts';
import { phasePlans, splitByShare } from './phases.ts';
import { seededRandom } from './random.ts';
import { machine, markdownReport, summarize } from './report.ts';
import type { ReportSubject, Summary } from './report.ts';
import { fanOut, reconciles, subjectProgram } from './subject-programs.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (options.help) {
    console.log(help);
    return 0;
  }
  const began = performance.now();
  const settings = options.http2 ? `${options.settings}, HTTP/2` : options.settings;
  console.log(`subject ${options.subject} (${settings}), seed ${options.seed}`);
  const phases = await runPhases(options);
  const about: ReportSubject = {
    subject: options.subject,
    settings,
    seed: options.seed,
    versions: [`Kubernetes ${kubernetesVersion}`, machine()],
    durationMs: performance.now() - began,
  };
  const summary = summarize(about, phases);
  if (options.report !== undefined) {
    await writeFile(`${options.report}.json`, `${JSON.stringify(summary, undefined, 2)}\n`);
    await writeFile(`${options.report}.md`, markdownReport(about, summary));
  }
  return conclude(options, summary, phases);
}

async function runPhases(options: Options): Promise<PhaseOutcome[]> {
  const { subject, settings, http2, objects, only, seed } = options;
  const assets = await findAssets({ onBuild: (message) => console.error(message) });
  if ('missing' in assets) throw new Error(assets.missing);
  const program = await subjectProgram(subject);
  const plans = phasePlans.filter(
    ({ name }) => options.phases.length === 0 || options.phases.includes(name),
  );
  const counts = splitByShare(options.faults, plans);
  const minutes = splitByShare(options.minutes * 60_000, plans);
  const catalogue = faultCatalogue.filter(({ name }) => only.length === 0 || only.includes(name));
  const outcomes: PhaseOutcome[] = [];
  for (const [index, plan] of plans.entries()) {
    const deadline = performance.now() + (minutes[index] ?? Infinity);
    const count = counts[index] ?? 0;
    if (count === 0) continue;
    // Each phase has draws of its own, so that a phase can be run alone.
    const number = seed + phasePlans.indexOf(plan) * 1000;
    const outcome = await runPhase({
      name: plan.name,
      assets,
      apiServerArgs: plan.apiServerArgs,
      featureGates: plan.featureGates,
      faults: take(
        endlessFaults({ random: seededRandom(number), catalogue, phase: plan.name }),
        count,
      ),
      isOver: () => performance.now() > deadline,
      program,
      reconciles: reconciles(subject),
      fanOut: fanOut(subject),
      settings,
      http2,
      patienceMs: options.patience * 1000,
      objects,
      random: seededRandom(number + 500),
      log: console.log,
    });
    console.log(
      `       ${plan.name}: ${outcome.writes} writes, ${outcome.events} handler calls, ${outcome.reconciles} reconciles, ${outcome.errors} reported errors`,
    );
    outcomes.push(outcome);
  }
  return outcomes;
}

function* take(faults: Iterable<PlannedFault>, count: number): Generator<PlannedFault> {
  let left = count;
  if (left <= 0) return;
  for (const fault of faults) {
    yield fault;
    left -= 1;
    if (left <= 0) return;
  }
}

/** The last lines; the exit code says whether ours held. Others are measured, not judged. */
function conclude(options: Options, summary: Summary, phases: readonly PhaseOutcome[]): number {
  const failed = summary.faults - summary.survived + summary.checks.failed;
  const passed = summary.survived + summary.checks.passed;
  if (failed > 0) {
    console.log('\nFailures:');
    for (const { faults, checks } of phases) {
      for (const fault of faults)
        if (!fault.isFine)
          console.log(
            `${fault.phase} ${fault.fault} (${fault.details}): ${fault.problems.join('; ')}`,
          );
      for (const { phase, check, isFine, details } of checks)
        if (!isFine) console.log(`${phase} ${check}: ${details}`);
    }
    console.log(`Reproduce with --seed ${options.seed} and the same options`);
  }
  const { longestStalenessMs, missing, stale, died } = summary;
  console.log(
    `\n${summary.survived} of ${summary.faults} faults survived, ${missing} objects missing or too many, ${stale} stale, longest staleness ${longestStalenessMs} ms, died ${died} times`,
  );
  console.log(`${passed} passed, ${failed} failed, 0 skipped`);
  return failed > 0 && options.subject === 'kubeloop' ? 1 : 0;
}
