import { expect, test } from 'vitest';
import { errorOf } from '../src/error-kinds.ts';
import { FullError, RefusedError, UnavailableError } from '../src/transport.ts';

test.for([
  ["READONLY You can't write against a read only replica. script: 6b81, on @user_script:1."],
  [
    "ERR Error running script (call to f_1028): @user_script:4: @user_script: 4: -READONLY You can't write against a read only replica.",
  ],
  ['LOADING Redis is loading the dataset in memory'],
  ['NOREPLICAS Not enough good replicas to write.'],
])('a server that cannot do this is another one later: %s', ([message]) => {
  expect(errorOf(new Error(message))).toBeInstanceOf(UnavailableError);
});

test.for([
  ["OOM command not allowed when used memory > 'maxmemory'. script: 6b81, on @user_script:18."],
  [
    "ERR Error running script (call to f_1028): @user_script:18: @user_script: 18: -OOM command not allowed when used memory > 'maxmemory'.",
  ],
])('a server that is full has room later: %s', ([message]) => {
  expect(errorOf(new Error(message))).toBeInstanceOf(FullError);
});

test.for([
  [
    'WRONGTYPE Operation against a key holding the wrong kind of value script: 6b81, on @user_script:20.',
  ],
  ["NOPERM this user has no permissions to run the 'evalsha' command"],
  ['ERR Error running script (call to f_1028): @user_script:4: attempt to index a nil value'],
  ['MOVED 3999 127.0.0.1:6381'],
])('all else would end as it did: %s', ([message]) => {
  const error = errorOf(new Error(message));

  expect(error).toBeInstanceOf(RefusedError);
  expect(error.message).toBe(message);
});
