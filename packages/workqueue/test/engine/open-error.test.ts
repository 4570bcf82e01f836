import { expect, test } from 'vitest';
import { openError } from '../../src/engine/open-error.ts';

function failure(message: string, properties: object = {}): Error {
  return Object.assign(new Error(message), properties);
}

test.each([
  ['its message', failure('refused'), 'refused'],
  ['its code where it has no message', failure('', { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [
    'the reason where OpenSSL tells it',
    failure('0A:error:ssl/record.c:9', { library: 'SSL routines', reason: 'wrong version number' }),
    'wrong version number',
  ],
])('the error of an opening names the queue and has %s', (_, cause, words) => {
  const error = openError('orders', cause);

  expect(error).toEqual(new Error(`Cannot open queue "orders": ${words}`));
  expect(error).toHaveProperty('cause', cause);
});

test('what says already which queue cannot be opened, and what is no error, is left as it is', () => {
  const named = failure('Cannot open queue "orders": it has the layout 7 at the server');

  expect(openError('orders', named)).toBe(named);
  expect(openError('orders', 'enough')).toBe('enough');
});
