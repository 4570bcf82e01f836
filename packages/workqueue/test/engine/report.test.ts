import { expect, test } from 'vitest';
import { Report } from '../../src/engine/report.ts';

interface Instruments {
  readonly tries: { inc(): void };
  readonly depth: { set(value: number): void };
}

test('counts and gauges reach the instruments', () => {
  const told: unknown[] = [];
  const report = new Report<Instruments>(undefined, {
    tries: { inc: () => void told.push('tries') },
    depth: { set: (value) => void told.push(value) },
  });

  report.count('tries');
  report.measure(({ depth }) => depth.set(3));

  expect(told).toEqual(['tries', 3]);
});

test('an instrument that throws is reported, and a reporter that throws stops nothing', () => {
  const broken = new Error('broken');
  const told: unknown[] = [];
  const instruments: Instruments = {
    tries: {
      inc() {
        throw broken;
      },
    },
    depth: { set: () => undefined },
  };
  const onError = (error: unknown, action: string): void => {
    told.push([error, action]);
    throw new Error('nobody listens');
  };

  new Report(onError, instruments).count('tries');

  expect(told).toEqual([[broken, 'metrics']]);
});

test('nothing is told without an error, an observer or instruments', () => {
  const told: unknown[] = [];
  const report = new Report<Instruments>((error) => void told.push(error), undefined);

  report.error(undefined, 'closing');
  report.count('tries');
  new Report<Instruments>(undefined, undefined).error(new Error('unheard'), 'closing');

  expect(told).toEqual([]);
});

test('an instrument and a reporter that answer with a promise that rejects are no unhandled rejections', async () => {
  const broken = new Error('broken');
  const told: unknown[] = [];
  const failing = async (reason: Error): Promise<never> => {
    throw reason;
  };
  const instruments: Instruments = {
    // What a program can pass, although the types ask for nothing to be returned.
    tries: { inc: () => failing(broken) as never },
    depth: { set: () => undefined },
  };
  const onError = (error: unknown, action: string): void => {
    told.push([error, action]);
    return failing(new Error('nobody listens')) as never;
  };

  new Report(onError, instruments).count('tries');
  await new Promise((resolve) => setImmediate(resolve));

  expect(told).toEqual([[broken, 'metrics']]);
});
