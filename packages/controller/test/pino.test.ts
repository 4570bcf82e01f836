import { pino } from 'pino';
import { expect, test } from 'vitest';
import { fromPino } from '../src/pino.ts';
import { request, runController } from './support/controller-rig.ts';

type Line = Record<string, unknown>;

function setUp(level = 'debug'): { lines: Line[]; logger: ReturnType<typeof fromPino> } {
  const lines: Line[] = [];
  // What pino writes is one object in JSON per line.
  const target = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  return { lines, logger: fromPino(pino({ level, base: null, timestamp: false }, target)) };
}

test('message and fields become one entry of the same level', () => {
  const { lines, logger } = setUp();

  logger.debug('a');
  logger.info('100%s of %d', { request: 'ns/a' });
  logger.warn('c', { attempt: 2 });
  logger.error('d');

  expect(lines).toEqual([
    { level: 20, msg: 'a' },
    { level: 30, msg: '100%s of %d', request: 'ns/a' },
    { level: 40, msg: 'c', attempt: 2 },
    { level: 50, msg: 'd' },
  ]);
});

test('an error is shown by its type, message and stack, with what caused it', () => {
  const { lines, logger } = setUp();

  logger.error('Failed', {
    error: new TypeError('bad', { cause: new Error('worse') }),
    failures: 1,
  });
  logger.error('Failed', { error: 'a text' });

  expect(lines[0]).toMatchObject({
    msg: 'Failed',
    failures: 1,
    err: { type: 'TypeError', message: 'bad: worse', stack: expect.stringContaining('pino.test') },
  });
  expect(lines[1]).toEqual({ level: 50, msg: 'Failed', err: 'a text' });
});

test('a child adds its fields, those of its parents first', () => {
  const { lines, logger } = setUp();

  logger.child({ controller: 'webapp' }).child({ request: 'ns/a' }).info('Done', { steps: 2 });

  expect(lines).toEqual([
    { level: 30, controller: 'webapp', request: 'ns/a', msg: 'Done', steps: 2 },
  ]);
});

test('entries below the level of pino are left out', () => {
  const { lines, logger } = setUp('warn');

  logger.info('a');
  logger.child({}).warn('b');

  expect(lines).toEqual([{ level: 40, msg: 'b' }]);
});

test('a controller logs through it with its name, the request and the id of the run', async () => {
  const { lines, logger } = setUp();
  const rig = await runController(() => Promise.reject(new Error('boom')), { logger });
  await rig.controller.enqueue(request('a'));
  await rig.clock.settle();
  await rig.end();

  expect(lines.find(({ level }) => level === 50)).toMatchObject({
    controller: 'test',
    request: 'ns/a',
    reconcileID: expect.any(String),
    err: { message: 'boom' },
  });
});
