import { expect, test } from 'vitest';

import { check, type WorkerLife } from '../src/rig/checker.ts';
import { parseJournal } from '../src/rig/journal.ts';

const life = (name: string, text: string, endedAtMs?: number): WorkerLife => ({
  name,
  lines: parseJournal(text),
  endedAtMs,
});
const adds = (text: string): ReturnType<typeof parseJournal> => parseJournal(text);

test('a confirmed add with a completed run that starts after it was sent is not lost', () => {
  const verdict = check([life('w', 'S a 12 0\nE a 15 0\n')], [adds('C a 10 13\n')]);

  expect(verdict.lost).toEqual([]);
});

test('a confirmed add whose only run started before it was sent is lost', () => {
  const verdict = check([life('w', 'S a 9 0\nE a 15 0\n')], [adds('C a 10 13\n')]);

  expect(verdict.lost).toEqual([{ key: 'a', sentMs: 10, confirmedMs: 13 }]);
});

test('a confirmed add whose later run was cut by a kill is lost', () => {
  const verdict = check([life('w', 'S a 12 0\n', 14)], [adds('C a 10 13\n')]);

  expect(verdict.lost).toHaveLength(1);
});

test('a confirmed add whose later run failed is lost until a later one succeeds', () => {
  const failed = 'S a 12 0\nF a 13 0\n';

  expect(check([life('w', failed)], [adds('C a 10 11\n')]).lost).toHaveLength(1);
  expect(check([life('w', `${failed}S a 14 1\nE a 15 0\n`)], [adds('C a 10 11\n')]).lost).toEqual(
    [],
  );
});

test('an add that was refused is not lost', () => {
  expect(check([], [adds('X a 10 0\n')]).lost).toEqual([]);
});

test('each of several adds of a key is judged by itself', () => {
  const verdict = check([life('w', 'S a 12 0\nE a 15 0\n')], [adds('C a 10 13\nC a 14 16\n')]);

  expect(verdict.lost.map((add) => add.sentMs)).toEqual([14]);
});

test('runs of one key in two processes at once overlap', () => {
  const verdict = check([life('v', 'S a 10 0\nE a 20 0\n'), life('w', 'S a 19 0\nE a 25 0\n')], []);

  expect(verdict.overlaps.map(({ first, second }) => [first.worker, second.worker])).toEqual([
    ['v', 'w'],
  ]);
});

test('runs of one key one after the other, and of two keys at once, do not overlap', () => {
  const verdict = check(
    [life('v', 'S a 10 0\nE a 20 0\n'), life('w', 'S b 12 0\nS a 20 0\nE a 25 0\nE b 30 0\n')],
    [],
  );

  expect(verdict.overlaps).toEqual([]);
});

test('a run of a killed process ends at the kill', () => {
  const killed = life('v', 'S a 10 0\n', 14);

  expect(check([killed, life('w', 'S a 15 0\nE a 20 0\n')], []).overlaps).toEqual([]);
  expect(check([killed, life('w', 'S a 13 0\nE a 20 0\n')], []).overlaps).toHaveLength(1);
});

test('a run that outlasts a shorter one overlaps with what starts after that', () => {
  const verdict = check(
    [
      life('u', 'S a 10 0\nE a 100 0\n'),
      life('v', 'S a 20 0\nE a 30 0\n'),
      life('w', 'S a 50 0\nE a 60 0\n'),
    ],
    [],
  );

  expect(verdict.overlaps.map(({ first, second }) => first.worker + second.worker)).toEqual([
    'uv',
    'uw',
  ]);
});

test('two runs of one key in one process overlap', () => {
  const verdict = check([life('w', 'S a 10 0\nS a 12 0\nE a 14 0\n')], []);

  expect(verdict.overlaps).toHaveLength(1);
});

test('a run keeps the time at which its signal aborted', () => {
  const verdict = check([life('w', 'S a 10 0\nA a 12 0\nE a 14 0\n')], []);

  expect(verdict.runs.map((run) => run.abortedAtMs)).toEqual([12]);
});

test('the line that a kill cut in half is left out, and a line that is none is refused', () => {
  expect(parseJournal('S a 10 0\nE a 1')).toHaveLength(1);
  expect(() => parseJournal('what is this\n')).toThrow('Cannot read the journal line');
});
