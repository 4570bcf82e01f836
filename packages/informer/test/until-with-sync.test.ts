import { isDeleted, UntilTimeoutError } from '@kubeloop/reflector';
import { describe, expect, test } from 'vitest';
import { type InformerChange, untilWithSync } from '../src/index.ts';
import { running, type Thing, thing } from './support/scripted.ts';

const at =
  (version: string) =>
  ({ object }: InformerChange<Thing>): boolean =>
    object.metadata.resourceVersion === version;

describe('waiting on an informer', () => {
  test('looks at what is there first, and then at what changes, condition after condition', async () => {
    const { informer, source, clock } = running();
    await source.store.replace([thing('a', 1)], '1');
    const result = untilWithSync(informer, [at('1'), at('2'), isDeleted]);
    await clock.settle();

    source.update(thing('a', 2));
    source.delete(thing('a', 3));

    expect(await result).toMatchObject({ type: 'DELETED', isFinalStateUnknown: false });
    expect(informer.describe().handlers).toEqual([]);
  });

  test('goes on over a gap, after which a missed deletion counts', async () => {
    const { informer, source, clock } = running();
    await source.store.replace([thing('a', 1)], '1');
    const result = untilWithSync(informer, [isDeleted]);
    await clock.settle();

    await source.store.replace([], '5');

    expect(await result).toMatchObject({ type: 'DELETED', isFinalStateUnknown: true });
  });

  test('ends without an event when the synced cache has what is waited for', async () => {
    const { informer, source, clock } = running();
    const asked: boolean[] = [];
    const result = untilWithSync(informer, [isDeleted], {
      precondition: (lister) => {
        asked.push(informer.hasSynced);
        return lister.get('a') === undefined;
      },
    });
    await clock.settle();
    const before = [...asked];

    await source.store.replace([], '1');

    expect(await result).toBeUndefined();
    expect([before, asked]).toEqual([[], [true]]);
  });

  test('fails with the error of a condition', async () => {
    const { informer, source } = running();
    await source.store.replace([thing('a', 1)], '1');

    const result = untilWithSync(informer, [() => Promise.reject(new Error('wrong'))]);

    await expect(result).rejects.toThrow('wrong');
    expect(informer.describe().handlers).toEqual([]);
  });

  test('fails when the time is up, be it before the sync or after it', async () => {
    const { informer, source, clock } = running();
    const options = { clock, timeoutMs: 1000, precondition: () => false };
    const fails = (work: Promise<unknown>): Promise<unknown> =>
      work.catch((error: unknown) => error);
    const early = fails(untilWithSync(informer, [isDeleted], options));
    await clock.stepAsync(1000);
    const late = fails(untilWithSync(informer, [isDeleted], options));
    await clock.stepAsync(600);
    await source.store.replace([thing('a', 1)], '1');
    await clock.stepAsync(400);

    expect(String(await early)).toContain('"things" to sync: 1000 ms are over');
    expect(UntilTimeoutError.is(await early)).toBe(true);
    expect(String(await late)).toContain('condition 1 of 1 (isDeleted): 400 ms are over');
    expect(clock.pending).toBe(0);
  });

  test('fails when the informer stops', async () => {
    const { informer, clock, stop } = running();
    const result = untilWithSync(informer, [isDeleted]);
    const failure = result.catch((error: unknown) => error);
    await clock.settle();

    await stop();

    expect(String(await failure)).toContain('the events have ended');
  });

  test('fails with the reason of the signal', async () => {
    const { informer, clock } = running();
    const stop = new AbortController();
    const options = { signal: stop.signal, precondition: () => false };
    const failure = untilWithSync(informer, [isDeleted], options).catch((error: unknown) => error);
    await clock.settle();

    stop.abort('enough');

    expect(await failure).toBe('enough');
  });
});
