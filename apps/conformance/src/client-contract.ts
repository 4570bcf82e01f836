import type { ClientTarget } from './client-contract/client-target.ts';
import { failingContract } from './client-contract/failing.ts';
import { readingContract } from './client-contract/reading.ts';
import { watchingContract } from './client-contract/watching.ts';
import { writingContract } from './client-contract/writing.ts';

/** Declares the tests of our client against a server. The target is asked for in each test. */
export function clientContract(target: () => ClientTarget): void {
  readingContract(target);
  watchingContract(target);
  writingContract(target);
  failingContract(target);
}
