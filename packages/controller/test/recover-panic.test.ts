import { pods } from '@kubeloop/client';
import { describe, expect, test } from 'vitest';
import { isProgrammingError } from '../src/programming-error.ts';
import { sleep } from '../src/sleep.ts';
import { request, runController } from './support/controller-rig.ts';
import { electionRig } from './support/election-rig.ts';

const mistake = new TypeError('Cannot read properties of undefined');

function throwMistake(): never {
  throw mistake;
}

describe('a mistake in the program, thrown by a reconciler', () => {
  test('is an error as any other by default', async () => {
    const { controller, clock, end } = await runController(throwMistake);
    await controller.enqueue(request('a'));
    await clock.settle();

    expect(controller.state).toBe('running');
    expect(controller.counters.reconciles.error).toBe(1);
    await end();
  });

  test('ends the manager when it is not to be recovered from, and others may finish', async () => {
    const { manager, client, clock, run } = electionRig({
      leaderElection: undefined,
      controllers: { recoverPanic: false },
    });
    client.resource(pods).add('a');
    client.resource(pods).add('b');
    let finished = 0;
    const controller = manager
      .controller('broken')
      .for(pods)
      .withOptions({ maxConcurrentReconciles: 2 })
      .reconcile(async ({ name }) => {
        if (name === 'a') throwMistake();
        await sleep(500, clock);
        finished += 1;
      });
    const ended = run().catch((error: unknown) => error);
    await clock.stepAsync(1000);

    expect(await ended).toBe(mistake);
    expect([controller.counters.reconciles.error, finished]).toEqual([1, 1]);
    expect(manager.describe().state).toBe('stopped');
  });

  test('gives the leadership away when all work has ended', async () => {
    const { manager, client, clock, run, election, log } = electionRig();
    client.resource(pods).add('a');
    manager
      .controller('broken')
      .for(pods)
      .withOptions({ recoverPanic: false })
      .reconcile(throwMistake);
    const ended = run().catch((error: unknown) => error);
    await clock.stepAsync(10);
    election.win();
    await clock.stepAsync(10);

    expect(await ended).toBe(mistake);
    expect(log).toEqual(['entered', 'won', 'released']);
  });

  test('lets other errors be tried again all the same', async () => {
    const { controller, clock, end } = await runController(
      () => {
        throw new Error('not yet');
      },
      { recoverPanic: false },
    );
    await controller.enqueue(request('a'));
    await clock.stepAsync(5);

    expect(controller.counters.reconciles.error).toBe(2);
    await end();
  });

  test.each([
    [new TypeError('undefined is not a function'), true],
    [new RangeError('Invalid array length'), true],
    [new ReferenceError('x is not defined'), true],
    [new SyntaxError('Unexpected token'), true],
    [new URIError('URI malformed'), true],
    [new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }), false],
    [new Error('boom'), false],
    ['boom', false],
    [undefined, false],
  ])('is what is meant by it: %s, %s', (error, expected) => {
    expect(isProgrammingError(error)).toBe(expected);
  });
});
