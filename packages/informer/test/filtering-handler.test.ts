import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import { expect, test } from 'vitest';
import { filteringHandler } from '../src/index.ts';
import { recorder, running, thing } from './support/scripted.ts';

/** A running informer whose handler sees odd versions only. */
function oddOnly(): ReturnType<typeof running> & { log: string[] } {
  const { log, handler } = recorder();
  const made = running();
  const isOdd = (obj: ReturnType<typeof thing>): boolean =>
    Number(obj.metadata.resourceVersion) % 2 === 1;
  made.informer.addEventHandler(filteringHandler(isOdd, handler));
  return Object.assign(made, { log });
}

test('objects that begin to pass are added, those that cease to are deleted', async () => {
  const { source, clock, log } = oddOnly();

  await source.store.replace([thing('a', 1), thing('b', 2)], '2');
  source.update(thing('b', 3));
  source.update(thing('b', 5));
  source.update(thing('b', 6));
  source.update(thing('b', 8));
  source.delete(thing('b', 10));
  source.delete(thing('a', 11));
  await clock.settle();

  expect(log).toEqual(['add a1!', 'add b3', 'update b3 b5', 'delete b5', 'delete a11']);
});

test('a tombstone is judged by the last known state, and passes without one', () => {
  const { log, handler } = recorder();
  const none = filteringHandler(() => false, handler);

  void none.delete?.(new DeletedFinalStateUnknown('a', thing('a', 1)));
  void none.delete?.(new DeletedFinalStateUnknown<ReturnType<typeof thing>>('b', undefined));

  expect(log).toEqual(['gone undefined']);
});

test('a filter that throws is reported like the handler itself', async () => {
  const { informer, source, clock, errors } = running();
  informer.addEventHandler(
    filteringHandler(() => {
      throw new Error('no verdict');
    }, {}),
  );

  await source.store.replace([thing('a', 1)], '1');
  await clock.settle();

  expect(errors).toMatchObject([[new Error('no verdict'), { part: 'handler', key: 'a' }]]);
  expect(informer.hasSynced).toBe(true);
});
