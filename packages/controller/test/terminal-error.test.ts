import { expect, test } from 'vitest';
import { TerminalError } from '../src/terminal-error.ts';

test('the error behind a terminal one can be seen', () => {
  const cause = new Error('inner');

  const error = new TerminalError(undefined, { cause });

  expect(error.message).toBe('inner');
  expect(error.cause).toBe(cause);
});

test('a terminal error needs no cause', () => {
  expect(new TerminalError().message).toBe('Terminal error');
});

test('an error with a terminal one among its causes is terminal', () => {
  const wrapped = new Error('outer', { cause: new TerminalError('inner') });

  expect(TerminalError.is(wrapped)).toBe(true);
});

test('other errors are not terminal, even when their causes form a circle', () => {
  const error = new Error('circle');
  error.cause = error;

  expect(TerminalError.is(error)).toBe(false);
  expect(TerminalError.is('text')).toBe(false);
});
