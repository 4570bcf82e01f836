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
