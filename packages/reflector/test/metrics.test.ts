import { expect, test } from 'vitest';
import type { ReflectorMetrics } from '../src/index.ts';
import { harness } from './harness.ts';
import { added, ApiError, errorEvent, initialEventsEnd, page, thing } from './scripted.ts';

/** Writes down everything that is counted. */
function recorder(): { readonly metrics: ReflectorMetrics; readonly log: unknown[] } {
  const log: unknown[] = [];
  const metrics: ReflectorMetrics = {
    listed: (list) => void log.push({ listed: list }),
    watchOpened: () => void log.push('opened'),
    watchEnded: (watch) => void log.push({ ended: watch }),
    resourceVersion: (version) => void log.push(version),
  };
  return { metrics, log };
}

test('lists are counted by reason, with their items, and watches with their events', async () => {
  const { metrics, log } = recorder();
  const { server, clock, start, stop } = harness({ metrics });
  server.onList = () => page('10', [thing('x', '1')]);
  await start();

  server.lastWatch.send(added(thing('y', '11')));
  await clock.stepAsync(5000);
  server.lastWatch.send(errorEvent(new ApiError(410, 'Expired')));
  await clock.stepAsync(800);
  await stop();

  const paged = { mode: 'paged', items: 1, durationMs: 0 };
  expect(log).toEqual([
    { listed: { reason: 'initial', ...paged } },
    'opened',
    '11',
    { ended: { events: 2, durationMs: 5000, idleMs: 0, isShort: false } },
    { listed: { reason: 'expired', ...paged } },
    'opened',
    { ended: { events: 0, durationMs: 0, idleMs: 0, isShort: true } },
  ]);
});

test('a streaming list is counted as one list and one watch', async () => {
  const { metrics, log } = recorder();
  const { server, clock, start, stop } = harness({ metrics, supportsWatchList: true });
  await start();

  await clock.stepAsync(2000);
  server.lastWatch.send(added(thing('x', '1')), initialEventsEnd('5'));
  await clock.stepAsync(3000);
  await stop();

  expect(log).toEqual([
    'opened',
    { listed: { reason: 'initial', mode: 'streamed', items: 1, durationMs: 2000 } },
    { ended: { events: 2, durationMs: 5000, idleMs: 3000, isShort: false } },
  ]);
});

test('metrics that throw are reported and change nothing', async () => {
  const metrics: ReflectorMetrics = {
    listed: () => {
      throw new Error('no such metric');
    },
  };
  const { server, errors, start } = harness({ metrics });

  await start();

  expect(server.watches).toHaveLength(1);
  expect(errors.lines).toEqual(['metrics: skip it and go on']);
});
