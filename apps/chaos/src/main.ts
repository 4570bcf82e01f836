import { findAssets } from '@kubeloop/control-plane';

import { chooseFaults } from './chooser.ts';
import { faultCatalogue } from './faults/catalogue.ts';
import { runPhase } from './phase.ts';
import { seededRandom } from './random.ts';
import { reconciles, subjectProgram } from './subject-programs.ts';

const assets = await findAssets();
if ('missing' in assets) throw new Error(assets.missing);
const seed = 1;
const random = seededRandom(seed);
const result = await runPhase({
  name: 'defaults',
  assets,
  apiServerArgs: [],
  featureGates: {},
  faults: chooseFaults({
    random,
    catalogue: faultCatalogue,
    phase: 'defaults',
    count: Number(process.argv[2] ?? 10),
  }),
  isOver: () => false,
  program: await subjectProgram('kubeloop'),
  reconciles: reconciles('kubeloop'),
  settings: 'tuned',
  objects: 2000,
  random: seededRandom(seed + 1),
  log: console.log,
});
console.log(result.writes, result.events, result.reconciles, result.errors, result.memory);
