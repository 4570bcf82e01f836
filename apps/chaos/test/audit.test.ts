import { describe, expect, test } from 'vitest';

import { audit } from '../src/audit.ts';
import type { AuditOptions, AuditResult } from '../src/audit.ts';
import { gadgets } from '../src/subject-protocol.ts';
import { called, recorderWith } from './recorded.ts';

const versions = { 'a/one': '10', 'a/two': '11' };

/** A server that has the objects of {@link versions}. */
const api: AuditOptions['api'] = {
  expect: async () => ({
    items: Object.entries(versions).map(([key, resourceVersion]) => {
      const [namespace, name] = key.split('/');
      return { metadata: { namespace, name, uid: `uid of ${key}`, resourceVersion } };
    }),
  }),
};

async function audited(options: Partial<AuditOptions> = {}): Promise<AuditResult> {
  return audit({
    api,
    resources: [gadgets],
    reconcile: gadgets.plural,
    recorder: recorderWith(versions),
    store: storeOf(versions),
    isAlive: () => true,
    endedAt: performance.now(),
    limitMs: 50,
    ...options,
  });
}

function storeOf(...answers: readonly Readonly<Record<string, string>>[]): AuditOptions['store'] {
  let asked = 0;
  return async () => {
    const content = answers[Math.min(asked, answers.length - 1)] ?? {};
    asked += 1;
    return { type: 'store', id: asked, resources: { gadgets: content } };
  };
}

describe('an audit', () => {
  test('passes a subject that is equal to the server', async () => {
    expect(await audited()).toMatchObject({ isFine: true, problems: [] });
  });

  test('passes a subject that becomes equal in time', async () => {
    const store = storeOf({}, { 'a/one': '10' }, versions);

    expect(await audited({ store, limitMs: 5000 })).toMatchObject({ isFine: true });
  });

  test('fails a subject that has lost an object', async () => {
    const result = await audited({ store: storeOf({ 'a/one': '10' }) });

    expect(result).toMatchObject({ isFine: false, problems: ['1 missing (gadgets a/two)'] });
    expect(result.stalenessMs).toBeGreaterThan(50);
  });

  test('fails a subject that stays stale', async () => {
    const store = storeOf({ ...versions, 'a/two': '5' });

    expect(await audited({ store })).toMatchObject({
      isFine: false,
      problems: ['1 stale (gadgets a/two: 5 instead of 11)'],
    });
  });

  test('fails a subject that becomes equal too late, and says that it did', async () => {
    const stale = { ...versions, 'a/two': '5' };
    const store = storeOf(stale, stale, stale, versions);

    const result = await audited({ store, limitMs: 0, patienceMs: 5000 });

    expect(result).toMatchObject({
      isFine: false,
      isLate: true,
      problems: ['1 stale (gadgets a/two: 5 instead of 11)'],
    });
  });

  test('loses its patience with a subject that never becomes equal', async () => {
    const result = await audited({ store: storeOf({}), limitMs: 10, patienceMs: 50 });

    expect(result).toMatchObject({ isFine: false, isLate: false });
    expect(result.stalenessMs).toBeGreaterThan(60);
  });

  test('fails a subject whose first answer comes too late, although all is equal', async () => {
    const result = await audited({ endedAt: performance.now() - 100 });

    expect(result).toMatchObject({ isFine: false, isLate: true });
  });

  test('fails a subject whose handler was called illegally, although all is equal now', async () => {
    const recorder = recorderWith(versions);
    recorder.note(called('gadgets', 'add', 'a/one', '10'));

    expect(await audited({ recorder })).toMatchObject({
      isFine: false,
      problems: ['gadgets/sync: add of gadgets a/one: it was there already'],
    });
  });

  test('fails a subject that has missed a reconcile', async () => {
    const recorder = recorderWith(versions);
    recorder.note({ type: 'reconcile', key: 'a/two', rv: '', t: 0 });

    expect(await audited({ recorder })).toMatchObject({
      isFine: false,
      problems: ['1 reconciles (a/two was reconciled at nothing, not 11)'],
    });
  });

  test('fails a subject that does not answer', async () => {
    const store = async (): Promise<never> => {
      throw new Error('no answer');
    };

    expect(await audited({ store })).toMatchObject({ isFine: false, problems: ['no answer'] });
  });

  test('ends at once when the subject is dead', async () => {
    const result = await audited({ store: storeOf({}), isAlive: () => false, limitMs: 60_000 });

    expect(result.isFine).toBe(false);
    expect(result.stalenessMs).toBeLessThan(10_000);
  });
});
