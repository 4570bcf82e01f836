import { pods } from '@kubeloop/client';
import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { expect, test } from 'vitest';
import { enqueueSelf } from '../src/event-handler.ts';
import { InformerSource } from '../src/informer-source.ts';
import { MemoryHost } from './support/memory-host.ts';

const pod = (name: string): { metadata: { name: string; namespace: string } } => ({
  metadata: { name, namespace: 'ns' },
});

test('a source that has stopped enqueues nothing more, although its informer goes on', async () => {
  const clock = new FakeClock();
  const host = new MemoryHost(clock);
  const feed = host.feed(pods);
  const source = new InformerSource({
    name: 'pods',
    informer: feed.informer,
    handler: enqueueSelf(),
  });
  const queued: string[] = [];
  const stop = new AbortController();
  const ended = feed.informer.run({ signal: stop.signal });
  const started = source.start({
    enqueue: ({ name }) => void queued.push(name),
    signal: stop.signal,
    logger: host.logger,
    onHandlerError: () => {},
  });
  await clock.stepAsync(10);
  await started;
  await feed.add(pod('before'));
  await clock.settle();

  await source.stop();
  await feed.add(pod('after'));
  await clock.settle();

  expect(queued).toEqual(['before']);
  expect(source.describe().isSynced).toBe(false);
  stop.abort();
  await ended;
});

test('a source whose start failed hears everything once when it is started again', async () => {
  const clock = new FakeClock();
  const host = new MemoryHost(clock);
  const feed = host.feed(pods);
  const source = new InformerSource({
    name: 'pods',
    informer: feed.informer,
    handler: enqueueSelf(),
  });
  const queued: string[] = [];
  const giveUp = new AbortController();
  const start = (signal: AbortSignal): Promise<void> =>
    source.start({
      enqueue: ({ name }) => void queued.push(name),
      signal,
      logger: host.logger,
      onHandlerError: () => {},
    });
  await feed.add(pod('a'));
  const failed = start(giveUp.signal);
  giveUp.abort(new Error('not now'));
  await expect(failed).rejects.toThrow('not now');

  const stop = new AbortController();
  const started = start(stop.signal);
  const ended = feed.informer.run({ signal: stop.signal });
  await clock.stepAsync(10);
  await started;

  expect(queued).toEqual(['a']);
  expect(feed.informer.describe().handlers).toHaveLength(1);
  stop.abort();
  await ended;
});

test('a source has started when its handler is done with all that was there, not when the cache is full', async () => {
  const clock = new FakeClock();
  const host = new MemoryHost(clock);
  const feed = host.feed(pods);
  const source = new InformerSource({
    name: 'pods',
    informer: feed.informer,
    handler: enqueueSelf(),
  });
  const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
  const stop = new AbortController();
  await feed.add(pod('a'));
  let isStarted = false;
  const started = source.start({
    enqueue: () => room,
    signal: stop.signal,
    logger: host.logger,
    onHandlerError: () => {},
  });
  void started.then(() => (isStarted = true));
  const ended = feed.informer.run({ signal: stop.signal });
  await clock.stepAsync(10);

  expect(feed.informer.hasSynced).toBe(true);
  expect([isStarted, source.describe().isSynced]).toEqual([false, false]);
  makeRoom();
  await started;

  expect(source.describe().isSynced).toBe(true);
  stop.abort();
  await ended;
});
