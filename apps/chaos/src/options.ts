import { parseArgs } from 'node:util';

import { faultCatalogue } from './faults/catalogue.ts';
import { phasePlans } from './phases.ts';
import { subjectNames } from './subject-programs.ts';
import type { SubjectName } from './subject-programs.ts';

/** What the command line asks for. */
export interface Options {
  /** What all faults follow from. */
  readonly seed: number;
  /** How many faults, over all phases; unlimited when only the time counts. */
  readonly faults: number;
  /** For how long at most, over all phases. */
  readonly minutes: number;
  /** How many objects there are. */
  readonly objects: number;
  readonly subject: SubjectName;
  /** How the subject is set. */
  readonly settings: 'tuned' | 'default';
  /** Whether our subject speaks HTTP/2; that in Go does by itself. */
  readonly http2: boolean;
  /** For how many seconds after a failed audit to see whether the subject is only late. */
  readonly patience: number;
  /** The file that results are written to, without `.json` or `.md`. */
  readonly report: string | undefined;
  /** Only faults of these names; all when empty. */
  readonly only: readonly string[];
  /** Only phases of these names; all when empty. */
  readonly phases: readonly string[];
  /** Prints how it is used and ends. */
  readonly help: boolean;
}

/** How many faults a run makes that says nothing else. */
const usualFaults = 210;

export const help: string = `Usage: npm run chaos -- [options]

Puts a real control plane, the way to it and the subject's rights through faults, and audits the subject after each.

  --seed N            what all faults follow from; default: a random one, which is printed
  --faults N          how many faults; default ${usualFaults}, or no limit with --minutes
  --minutes N         for how long at most
  --objects N         how many objects; default 2000
  --subject NAME      ${subjectNames.join(', ')}; default kubeloop
  --settings NAME     tuned (short backoffs and idle timeouts, the default) or default
  --http2             subject kubeloop speaks HTTP/2
  --patience N        for how many seconds after the 15 of an audit to see whether the subject is only late; default 0
  --report FILE       writes FILE.json and FILE.md
  --only A,B          only these faults
  --phases A,B        only these phases: defaults, watch-cache-off, watch-list-off
  --help              this text
`;

/**
 * Reads the command line.
 *
 * @throws TypeError when an option is unknown or lacks its value, RangeError when a value is out of range
 */
export function parseOptions(
  args: readonly string[],
  randomSeed: () => number = () => Math.floor(Math.random() * 2 ** 31),
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      faults: { type: 'string' },
      minutes: { type: 'string' },
      objects: { type: 'string', default: '2000' },
      subject: { type: 'string', default: 'kubeloop' },
      settings: { type: 'string', default: 'tuned' },
      http2: { type: 'boolean', default: false },
      patience: { type: 'string', default: '0' },
      report: { type: 'string' },
      only: { type: 'string', default: '' },
      phases: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  const { seed, faults, minutes } = values;
  const fallback = minutes === undefined ? usualFaults : Infinity;
  return {
    seed: seed === undefined ? randomSeed() : wholeNumber('seed', seed, 0),
    faults: faults === undefined ? fallback : wholeNumber('faults', faults, 1),
    minutes: minutes === undefined ? Infinity : positiveNumber('minutes', minutes),
    objects: wholeNumber('objects', values.objects, 1),
    subject: oneOf('subject', values.subject, subjectNames),
    settings: oneOf('settings', values.settings, ['tuned', 'default']),
    http2: values.http2,
    patience: wholeNumber('patience', values.patience, 0),
    report: values.report,
    only: names('only', values.only, faultCatalogue),
    phases: names('phases', values.phases, phasePlans),
    help: values.help,
  };
}

function names(
  option: string,
  text: string,
  known: readonly { readonly name: string }[],
): readonly string[] {
  const choices = known.map(({ name }) => name);
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => oneOf(option, name, choices));
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`Cannot use --${name} ${text}: it must be a whole number, ${least} or more`);
}

function positiveNumber(name: string, text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`Cannot use --${name} ${text}: it must be a number above 0`);
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new RangeError(`Cannot use --${name} ${text}: it must be one of ${choices.join(', ')}`);
}
