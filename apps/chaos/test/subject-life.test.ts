import { describe, expect, test } from 'vitest';

import { SubjectLife } from '../src/subject-life.ts';
import type { SubjectConfig } from '../src/subject-protocol.ts';

const config: SubjectConfig = { kubeconfig: '', resources: [], settings: 'tuned' };
const say = (message: object): string => `console.log('${JSON.stringify(message)}');`;
const synced = say({ type: 'synced' });
const stopped = say({ type: 'stopped', activeResources: ['PipeWrap'] });

/** Starts a subject whose whole program is given. */
async function started(program: string): Promise<SubjectLife> {
  const args = ['--input-type=module', '-e', program];
  return SubjectLife.start({ command: process.execPath, args }, config);
}

/** A program that does something when it is told to stop. */
const onStop = (program: string): string =>
  `${synced} process.stdin.once('data', () => { process.stdin.destroy(); ${program} });`;

describe('the life of a subject', () => {
  test('ends well when nothing is left', async () => {
    const life = await started(onStop(stopped));

    expect(await life.stop(() => 0)).toEqual({ problems: [] });
    expect(life.isAlive).toBe(false);
  });

  test('shows what is left after the stop', async () => {
    const left = say({ type: 'stopped', activeResources: ['PipeWrap', 'Timeout'] });
    const life = await started(onStop(left));

    expect(await life.stop(() => 0)).toEqual({ problems: ['Timeout left after the stop'] });
  });

  test('shows connections that are left', async () => {
    const life = await started(onStop(stopped));

    const { problems } = await life.stop(() => 2);

    expect(problems).toEqual(['2 connections were open after its end']);
  });

  test('shows connections that are open although it has stopped and lives on', async () => {
    const lingering = say({ type: 'stopped', activeResources: [], lingers: true });
    const life = await started(onStop(`${lingering} setTimeout(() => {}, 600);`));

    const { problems } = await life.stop(() => (life.isAlive ? 3 : 0));

    expect(problems).toEqual(['3 connections were open after the stop']);
  });

  test('shows an end with another code', async () => {
    const life = await started(onStop(`${stopped} process.exitCode = 3;`));

    expect(await life.stop(() => 0)).toEqual({ problems: ['it ended with code 3'] });
  });

  test('shows an unhandled rejection', async () => {
    const life = await started(
      `${synced} setTimeout(() => Promise.reject(new Error('lost')), 50);`,
    );

    const { problems } = await life.stop(() => 0);

    expect(problems).toEqual([expect.stringContaining('code 1')]);
    expect(life.end).toContain('lost');
  });

  test('gives what the caches hold, and records what was said before', async () => {
    const event = {
      type: 'event',
      resource: 'a',
      op: 'update',
      key: 'a/b',
      uid: '',
      rv: '1',
      t: 0,
    };
    const store = { type: 'store', id: 1, resources: { a: { 'a/b': '1' } } };
    const life = await started(
      `${synced} process.stdin.once('data', () => { ${say(event)} ${say(store)} });`,
    );

    expect((await life.store()).resources).toEqual({ a: { 'a/b': '1' } });
    expect(life.recorder.takeViolations()).toEqual(['a/only: update of a a/b: it was not there']);
    await life.kill();
  });

  test('fails to begin where the subject ends before it has listed everything', async () => {
    await expect(started('process.exitCode = 4')).rejects.toThrow('The subject ended: code 4');
  });
});
