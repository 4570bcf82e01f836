// Measures whether what an object, a handler and an informer cost stays the same when there are more of them, prints tables, and
// puts them with their pictures into docs/performance/growth.md. About fifteen minutes and 8 GB of memory.
//
//   node --conditions=@kubeloop/source apps/bench/src/growth/main.ts
//     [--series objects,handlers,informers] [--objects N,…] [--handlers N,…] [--informers N,…] [--rounds N] [--source] [--no-write]

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { machineOf, replaceBetween } from '../pod-informers/page.ts';
import { type PeerProgram, preparePeers } from '../pod-informers/peers.ts';
import { clientGo, ours } from './growers.ts';
import { handlersSection, informersSection, objectsSection, type Section } from './report.ts';
import { growHandlers, growInformers, growObjects, type SeriesOptions } from './series.ts';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    series: { type: 'string', default: 'objects,handlers,informers' },
    objects: { type: 'string', default: '1000,10000,100000,300000' },
    handlers: { type: 'string', default: '1,10,20,40,80' },
    informers: { type: 'string', default: '1,10,25,50' },
    /** How often each size is run; from 100,000 objects on, once. */
    rounds: { type: 'string', default: '3' },
    /** Runs our packages from their sources, without a build. */
    source: { type: 'boolean', default: false },
    /** Whether the page is written. */
    write: { type: 'boolean', default: true },
  },
});

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folder = `${root}docs/performance/`;
/** Of the objects: so many that the collections of a large heap are spread over them as they are in a process that goes on. */
const objectUpdates = 100_000;
/** Of the handlers. */
const updates = 20_000;
/** Of the handlers. */
const objects = 20_000;
/** Of each informer: as many objects, and as many updates. */
const perInformer = 400;
/** From here on a size is run once. */
const longFrom = 100_000;

if (!options.source) {
  console.error('Building the packages');
  await promisify(execFile)('pnpm', ['turbo', 'run', 'build', '--filter=./packages/*'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
}
const { programs, missing } = await preparePeers(['kubeloop'], options.source);
const [kubeloop] = programs;
if (kubeloop === undefined) throw new Error(missing.join(', '));
const common: Pick<SeriesOptions, 'roundsOf' | 'onRound'> = {
  roundsOf: (size) => (size >= longFrom ? 1 : Number(options.rounds)),
  onRound: (line) => console.error(line),
};
const makers: Readonly<Record<string, (program: PeerProgram) => Promise<Section>>> = {
  async objects(program) {
    // With the default, large caches are collected as a whole far more often: see the page.
    const flag = '--max-semi-space-size=16';
    const tuned = { ...program, options: [flag, ...program.options] };
    const growers = [
      ours(program, undefined),
      ours(tuned, undefined, `kubeloop, ${flag}`),
      await clientGo(undefined),
    ];
    const sizes = sizesOf('objects');
    const lines = await growObjects({ ...common, growers, sizes }, objectUpdates);
    return objectsSection(lines, objectUpdates);
  },
  async handlers(program) {
    const growers = [ours(program, 'handlers'), await clientGo('handlers')];
    const sizes = sizesOf('handlers');
    const lines = await growHandlers({ ...common, growers, sizes }, objects, updates);
    return handlersSection(lines, objects, updates);
  },
  async informers(program) {
    const growers = [
      ours(program, 'informers', 'HTTP/1.1'),
      ours(program, 'informers', 'HTTP/2', ['--http2']),
    ];
    const sizes = sizesOf('informers');
    const lines = await growInformers({ ...common, growers, sizes }, perInformer, perInformer);
    return informersSection(lines, perInformer);
  },
};

const machine = (await machineOf())
  .split(', ')
  .filter((part) => !/^(?:Rust|kube-rs|@kubernetes)/.test(part))
  .join(', ');
for (const name of options.series.split(',')) {
  const make = makers[name];
  if (make === undefined)
    throw new RangeError(`Cannot grow "${name}": the series are ${Object.keys(makers).join(', ')}`);
  const section = await make(kubeloop);
  console.log(`${section.table}\n`);
  if (options.write) await writeSection(name, section);
}

/** Writes a section between its markers, and its pictures beside the page. */
async function writeSection(name: string, { table, pictures }: Section): Promise<void> {
  const links: string[] = [];
  for (const picture of pictures) {
    const file = `growth-${picture.name}.svg`;
    await writeFile(`${folder}${file}`, picture.svg);
    links.push(`![${picture.title}](${file})`);
  }
  const path = `${folder}growth.md`;
  const page = await readFile(path, 'utf8');
  const content = `${machine}:\n\n${table}\n\n${links.join('\n')}`;
  await writeFile(path, replaceBetween(page, `growth-${name}`, content));
}

function sizesOf(name: 'objects' | 'handlers' | 'informers'): number[] {
  return options[name].split(',').map((word) => {
    const size = Number(word);
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`Cannot run with --${name} ${word}: it must be a whole number above 0`);
    return size;
  });
}
