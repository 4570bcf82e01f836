import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import type { HealthCheck, KnownState } from '../../src/health/health-checks.ts';
import { describeCause, HealthChecks } from '../../src/health/health-checks.ts';

function rig(builtIn: readonly KnownState[] = []): { checks: HealthChecks; clock: FakeClock } {
  const clock = new FakeClock();
  const checks = new HealthChecks({
    name: 'readyz',
    clock,
    timeoutMs: 1000,
    builtIn: () => builtIn,
  });
  return { checks, clock };
}

/** What a program in JavaScript can pass. */
const saysFalse = (() => false) as unknown as HealthCheck;

describe('a check', () => {
  test('passes when it returns or resolves, and fails with the cause when it throws or rejects', async () => {
    const { checks, clock } = rig();
    checks.add('returns', () => {});
    checks.add('resolves', () => Promise.resolve());
    checks.add('throws', () => {
      throw new Error('disk\n  full');
    });
    checks.add('rejects', () => Promise.reject(new Error('gone')));

    const report = await checks.run();

    expect(report).toEqual({
      isHealthy: false,
      checks: [
        { name: 'rejects', outcome: 'failed', cause: 'gone' },
        { name: 'resolves', outcome: 'ok', cause: undefined },
        { name: 'returns', outcome: 'ok', cause: undefined },
        { name: 'throws', outcome: 'failed', cause: 'disk full' },
      ],
      unknown: [],
    });
    expect(clock.pending).toBe(0);
  });

  test('that returns false fails, because whoever wrote it means that', async () => {
    const { checks } = rig();
    checks.add('false', saysFalse);

    expect(await checks.run()).toMatchObject({
      isHealthy: false,
      checks: [{ cause: 'the check returned false' }],
    });
  });

  test('that takes too long fails, its signal aborts, and the others are heard', async () => {
    const { checks, clock } = rig();
    let signal: AbortSignal | undefined;
    checks.add('slow', async (options) => {
      signal = options.signal;
      await new Promise(() => {});
    });
    checks.add('quick', () => {});

    const running = checks.run();
    await clock.stepAsync(1000);

    expect(await running).toMatchObject({
      checks: [
        { name: 'quick', outcome: 'ok' },
        { name: 'slow', outcome: 'failed', cause: 'no answer within 1000 ms' },
      ],
    });
    expect(signal?.aborted).toBe(true);
  });

  test('that has not answered yet is not asked again, and its late answer counts for whoever waits then', async () => {
    const { checks, clock } = rig();
    const { promise, resolve } = Promise.withResolvers<void>();
    let calls = 0;
    checks.add('slow', () => {
      calls += 1;
      return promise;
    });
    const first = checks.run();
    await clock.stepAsync(1000);
    const second = checks.run();
    await clock.stepAsync(500);
    resolve();

    expect([(await first)?.isHealthy, (await second)?.isHealthy, calls]).toEqual([false, true, 1]);
    expect((await checks.run())?.isHealthy).toBe(true);
    expect(calls).toBe(2);
  });

  test.each([
    ['', TypeError],
    ['two words', TypeError],
    ['/slash', TypeError],
    [7, TypeError],
    ['manager', Error],
    ['controller/web', Error],
    ['ping', Error],
    ['mine', Error],
  ])('cannot be called %j', (name, kind) => {
    const { checks } = rig([{ name: 'ping', cause: undefined }]);
    checks.add('mine', () => {});

    // What a program in JavaScript can pass.
    expect(() => checks.add(name as string, () => {})).toThrow(kind);
    expect(() => checks.add('new', 5 as unknown as HealthCheck)).toThrow(TypeError);
  });
});

test('a cause is one line, whatever was thrown', () => {
  expect([new Error('a\n  b'), new TypeError(), 'text', undefined].map(describeCause)).toEqual([
    'a b',
    'TypeError',
    'text',
    'undefined',
  ]);
});

describe('a selection', () => {
  const builtIn = [
    { name: 'manager', cause: undefined },
    { name: 'controller/web', cause: undefined },
    { name: 'controller/web/for pods', cause: 'pods is forbidden' },
    { name: 'controller/webhook', cause: undefined },
  ];

  test('of one name has that check and those below it', async () => {
    const { checks } = rig(builtIn);

    const of = async (only: string): Promise<unknown> =>
      (await checks.run({ only }))?.checks.map(({ name }) => name);

    expect(await of('controller/web')).toEqual(['controller/web', 'controller/web/for pods']);
    expect(await of('controller/web/for pods')).toEqual(['controller/web/for pods']);
    expect(await of('manager')).toEqual(['manager']);
    expect(await of('man')).toBeUndefined();
  });

  test('leaves out what is excluded, and names what cannot be', async () => {
    const { checks } = rig(builtIn);

    const report = await checks.run({ exclude: ['controller/web', 'nobody'] });

    expect(report).toEqual({
      isHealthy: true,
      checks: [
        { name: 'controller/web', outcome: 'excluded', cause: undefined },
        { name: 'controller/web/for pods', outcome: 'excluded', cause: undefined },
        { name: 'controller/webhook', outcome: 'ok', cause: undefined },
        { name: 'manager', outcome: 'ok', cause: undefined },
      ],
      unknown: ['nobody'],
    });
  });
});
