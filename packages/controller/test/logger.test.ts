import { expect, test, vi } from 'vitest';
import type { LogConsole, Logger } from '../src/logger.ts';
import { consoleLogger, guardLogger, quietLogger } from '../src/logger.ts';

const recorder = (): { target: LogConsole; lines: string[] } => {
  const lines: string[] = [];
  const write = (level: string) => (text: string) => void lines.push(`${level}: ${text}`);
  const target = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  return { target, lines };
};

test('an entry is one line with its fields, those of the parents first', () => {
  const { target, lines } = recorder();
  const logger = consoleLogger({ console: target, fields: { app: 'a' } }).child({
    controller: 'webapp',
  });

  logger.info('Done', { request: 'ns/a', note: 'two words', list: [1], absent: undefined });

  expect(lines).toEqual([
    'info: Done app=a controller=webapp request=ns/a note="two words" list=[1]',
  ]);
});

test('entries below the level are left out', () => {
  const { target, lines } = recorder();
  const logger = consoleLogger({ console: target, level: 'warn' });

  logger.debug('a');
  logger.info('b');
  logger.warn('c');
  logger.child({}).error('d');

  expect(lines).toEqual(['warn: c', 'error: d']);
});

test('an error is shown by its message and, on the following lines, its stack', () => {
  const { target, lines } = recorder();

  consoleLogger({ console: target }).error('Failed', { error: new TypeError('bad') });

  expect(lines[0]).toMatch(/^error: Failed error="bad"\nTypeError: bad\n {4}at /);
});

test('what JSON cannot show is shown as text', () => {
  const { target, lines } = recorder();
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;

  consoleLogger({ console: target }).info('Odd', { circle, big: 1n });

  expect(lines).toEqual(['info: Odd circle=[object Object] big=1']);
});

test('the quiet logger writes nothing and its children neither', () => {
  expect(quietLogger.child({ a: 1 })).toBe(quietLogger);
  expect(quietLogger.error('nothing')).toBeUndefined();
});

test('a logger that throws stops nothing and is reported as a process warning', () => {
  const fail = (): never => {
    throw new Error('disk full');
  };
  const broken: Logger = { debug: fail, info: fail, warn: fail, error: fail, child: fail };
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

  guardLogger(broken).child({}).info('Hello');

  expect(warn).toHaveBeenCalledWith('The logger threw on "Hello": disk full');
  warn.mockRestore();
});
