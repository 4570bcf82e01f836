import { expect, test } from 'vitest';
import { ChannelSource } from '../src/channel-source.ts';
import type { Request } from '../src/request.ts';
import type { SourceContext } from '../src/source.ts';
import { recordingLogger } from './support/recording-logger.ts';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const byName = (name: string): Request[] => [{ namespace: '', name }];

function rig(): {
  context: SourceContext;
  queued: string[];
  log: ReturnType<typeof recordingLogger>;
} {
  const queued: string[] = [];
  const log = recordingLogger();
  const context: SourceContext = {
    signal: new AbortController().signal,
    logger: log.logger,
    enqueue: ({ name }) => void queued.push(name),
    onHandlerError: () => {},
  };
  return { context, queued, log };
}

test('objects of the channel are enqueued in order, and its end ends nothing else', async () => {
  const { context, queued } = rig();
  async function* channel(): AsyncGenerator<string> {
    yield* ['a', 'b', 'c'];
  }
  const source = new ChannelSource({ name: 'hooks', channel: channel(), handler: byName });

  await source.start(context);
  await settle();

  expect(queued).toEqual(['a', 'b', 'c']);
  expect(source.describe()).toEqual({ name: 'hooks', isSynced: true, lastError: undefined });
  await source.stop();
});

test('the next object is taken only when the queue has the request of the one before', async () => {
  const { context } = rig();
  const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
  const taken: string[] = [];
  async function* channel(): AsyncGenerator<string> {
    for (const name of ['a', 'b']) {
      taken.push(name);
      yield name;
    }
  }
  const source = new ChannelSource({ name: 'hooks', channel: channel(), handler: byName });

  await source.start({ ...context, enqueue: () => room });
  await settle();
  const before = [...taken];
  makeRoom();
  await settle();

  expect([before, taken]).toEqual([['a'], ['a', 'b']]);
  await source.stop();
});

test('a predicate filters generic events', async () => {
  const { context, queued } = rig();
  async function* channel(): AsyncGenerator<string> {
    yield* ['a', 'b'];
  }
  const predicates = [{ generic: ({ object }: { readonly object: string }) => object !== 'a' }];
  const source = new ChannelSource({
    name: 'hooks',
    channel: channel(),
    handler: byName,
    predicates,
  });

  await source.start(context);
  await settle();

  expect(queued).toEqual(['b']);
});

test('after the stop nothing is enqueued any more, and the channel is told to end', async () => {
  const { context, queued } = rig();
  const { promise, resolve } = Promise.withResolvers<string>();
  let isReturned = false;
  const channel: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: await promise }),
      return: async () => {
        isReturned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const source = new ChannelSource({ name: 'hooks', channel, handler: byName });
  await source.start(context);

  await source.stop();
  resolve('late');
  await settle();

  expect(queued).toEqual([]);
  expect(isReturned).toBe(true);
});

test('a channel that throws is reported and shows in the description', async () => {
  const { context, log } = rig();
  async function* channel(): AsyncGenerator<string> {
    yield await Promise.reject(new Error('broken pipe'));
  }
  const source = new ChannelSource({ name: 'hooks', channel: channel(), handler: byName });

  await source.start(context);
  await settle();

  expect(log.messages('error')).toEqual([
    'A channel threw and gives no more requests: broken pipe',
  ]);
  expect(source.describe().lastError).toBeInstanceOf(Error);
});

test('a second start is refused, and so is what is no channel', async () => {
  const { context } = rig();
  async function* channel(): AsyncGenerator<string> {}
  const source = new ChannelSource({ name: 'hooks', channel: channel(), handler: byName });
  await source.start(context);

  await expect(source.start(context)).rejects.toThrow('Cannot start source "hooks" twice');
  expect(
    () => new ChannelSource({ name: 'x', channel: undefined as never, handler: byName }),
  ).toThrow('its channel is no async iterable');
});
