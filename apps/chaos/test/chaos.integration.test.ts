import { fileURLToPath } from 'node:url';
import { sharedControlPlaneOrSkip, findAssets } from '@kubeloop/control-plane';
import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';

import type { PlannedFault } from '../src/chooser.ts';
import { faultCatalogue } from '../src/faults/catalogue.ts';
import type { PhaseOutcome } from '../src/outcome.ts';
import { runPhase } from '../src/phase.ts';
import { seededRandom } from '../src/random.ts';
import type { SubjectProgram } from '../src/subject-process.ts';
import { subjectProgram } from '../src/subject-programs.ts';

function planned(name: string): PlannedFault {
  const fault = faultCatalogue.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`There is no fault ${name}`);
  return { fault, parameters: { durationMs: 400, scope: 'all', direction: 'both', amount: 50 } };
}

async function phase(
  context: TestContext,
  options: {
    readonly program: SubjectProgram;
    readonly faults: readonly string[];
    readonly limitMs: number;
  },
): Promise<PhaseOutcome> {
  sharedControlPlaneOrSkip(context);
  const assets = await findAssets();
  if ('missing' in assets) throw new Error(assets.missing);
  return runPhase({
    name: 'test',
    assets,
    apiServerArgs: [],
    featureGates: {},
    faults: options.faults.map(planned),
    isOver: () => false,
    program: options.program,
    reconciles: true,
    fanOut: 'secrets',
    settings: 'tuned',
    objects: 150,
    random: seededRandom(1),
    limitMs: options.limitMs,
    log: () => undefined,
  });
}

test('our subject survives faults of the network, the server and its rights', async (context) => {
  const program = await subjectProgram('kubeloop');
  const faults = ['reset', 'apiserver-freeze', 'token-replaced', 'certificate-replaced'];

  const outcome = await phase(context, { program, faults, limitMs: 15_000 });

  expect(outcome.faults.flatMap(({ problems }) => problems)).toEqual([]);
  expect(outcome.checks.filter(({ isFine }) => !isFine)).toEqual([]);
  expect(outcome.writes).toBeGreaterThan(150);
});

test('a subject that loses what it watches is found out', async (context) => {
  const path = fileURLToPath(new URL('./forgetful-subject.ts', import.meta.url));
  const args = ['--conditions=@kubeloop/source', path];

  const program = { command: process.execPath, args };

  const { faults, checks } = await phase(context, { program, faults: ['reset'], limitMs: 1000 });

  expect(faults).toMatchObject([{ isFine: false, died: false }]);
  expect(faults[0]?.missing).toBeGreaterThan(0);
  expect(faults[0]?.problems.join()).toContain('was never reconciled');
  expect(checks).toContainEqual(
    expect.objectContaining({ check: 'the stop leaves nothing', isFine: false }),
  );
});
