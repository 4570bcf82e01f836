import { expect, test } from 'vitest';
import { Ledger } from '../src/ledger.ts';

const atOnce = async (): Promise<void> => {};

test('what ran after it was added is in order', async () => {
  const ledger = new Ledger();
  await ledger.added('a', atOnce);
  await ledger.added('a', atOnce);
  await ledger.ran('a', atOnce);

  expect(() => ledger.check()).not.toThrow();
  expect([ledger.owed, ledger.runs.get('a')]).toEqual([[], 1]);
});

test('an addition during a run is owed a run that begins later', async () => {
  const ledger = new Ledger();
  await ledger.added('a', atOnce);
  await ledger.ran('a', () => ledger.added('a', atOnce));
  const owed = ledger.owed;

  await ledger.ran('a', atOnce);

  expect([owed, ledger.owed]).toEqual([['a'], []]);
});

test('an addition without a run fails the check', async () => {
  const ledger = new Ledger();
  await ledger.added('a', atOnce);

  expect(() => ledger.check()).toThrow('added and not run since');
});

test('two runs of one item at a time fail the check, two of two items do not', async () => {
  const [one, two] = [new Ledger(), new Ledger()];
  for (const item of ['a', 'a', 'b'])
    for (const ledger of [one, two]) await ledger.added(item, atOnce);

  await one.ran('a', () => one.ran('a', atOnce));
  await one.ran('b', atOnce);
  await two.ran('a', () => two.ran('b', atOnce));

  expect(() => one.check()).toThrow('with two workers at a time');
  expect(() => two.check()).not.toThrow();
});

test('a run that nobody asked for fails the check', async () => {
  const ledger = new Ledger();
  await ledger.added('a', atOnce);
  await ledger.ran('a', atOnce);
  await ledger.ran('a', atOnce);

  expect(() => ledger.check()).toThrow('run oftener than added');
});
