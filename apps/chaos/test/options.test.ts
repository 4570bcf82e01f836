import { expect, test } from 'vitest';

import { parseOptions } from '../src/options.ts';
import { phasePlans, splitByShare } from '../src/phases.ts';

test('without options there are 210 faults, 2000 objects, our subject and a random seed', () => {
  expect(parseOptions([], () => 42)).toMatchObject({
    seed: 42,
    faults: 210,
    minutes: Infinity,
    objects: 2000,
    subject: 'kubeloop',
    settings: 'tuned',
  });
});

test('a time without a number of faults takes the limit from them', () => {
  expect(parseOptions(['--minutes', '60'])).toMatchObject({ faults: Infinity, minutes: 60 });
});

test('faults and phases can be picked by name', () => {
  const options = parseOptions(['--only', 'freeze,reset', '--phases', 'defaults']);

  expect(options).toMatchObject({ only: ['freeze', 'reset'], phases: ['defaults'] });
});

test.each([
  ['--seed', '-1'],
  ['--seed', '1.5'],
  ['--faults', '0'],
  ['--faults', 'many'],
  ['--minutes', '0'],
  ['--objects', ''],
  ['--subject', 'other'],
  ['--settings', 'other'],
  ['--patience', '-1'],
  ['--only', 'freeze,unknown'],
  ['--phases', 'unknown'],
])('%s %s is refused', (name, value) => {
  expect(() => parseOptions([`${name}=${value}`])).toThrow(RangeError);
});

test('an unknown option is refused', () => {
  expect(() => parseOptions(['--sed', '1'])).toThrow('--sed');
});

test('phases share faults by their shares, and none is lost', () => {
  expect(splitByShare(210, phasePlans)).toEqual([126, 42, 42]);
  expect(splitByShare(7, phasePlans)).toEqual([5, 1, 1]);
  expect(splitByShare(Infinity, phasePlans)).toEqual([Infinity, Infinity, Infinity]);
});
