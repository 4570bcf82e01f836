import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Answer } from '../src/answer.ts';
import { chunksOf } from '../src/body-chunks.ts';

function body(): Readable {
  return new Readable({ read() {}, highWaterMark: 65_536 });
}

function answerOf(stream: Readable, ownsChunks = true): Answer {
  return { statusCode: 200, headers: {}, body: stream, ownsChunks };
}

const own = (size: number): Buffer => Buffer.allocUnsafeSlow(size).fill(1);

test('chunks that came meanwhile are handed out together, in order', async () => {
  const stream = body();
  const chunks = chunksOf(answerOf(stream, false));
  const first = chunks.next();
  stream.push('a');
  expect(await first).toMatchObject({ value: [Buffer.from('a')] });

  stream.push('b');
  stream.push('c');
  stream.push(null);

  expect(await chunks.next()).toMatchObject({ value: [Buffer.from('b'), Buffer.from('c')] });
  expect(await chunks.next()).toEqual({ done: true, value: undefined });
});

test('the memory of chunks is given back when the next ones are asked for, and not before', async () => {
  const stream = body();
  const [large, next] = [own(2000), own(2000)];
  const chunks = chunksOf(answerOf(stream));
  stream.push(large);
  await chunks.next();
  expect(large.every((byte) => byte === 1)).toBe(true);

  stream.push(next);
  await chunks.next();

  expect(large.buffer.byteLength).toBe(0);
  expect(next.buffer.byteLength).toBe(2000);
  await chunks.return(undefined);
});

test.each([
  ['that are parts of something larger', own(4000).subarray(0, 2000), true],
  ['that somebody else may have', own(2000), false],
])('the memory of chunks %s is left alone', async (_, chunk, ownsChunks) => {
  const stream = body();
  const chunks = chunksOf(answerOf(stream, ownsChunks));
  stream.push(chunk);
  stream.push(null);

  for await (const _group of chunks);

  expect(chunk.buffer.byteLength).toBeGreaterThanOrEqual(2000);
});

test('a body is paused while much waits for a reader, and goes on when it is read', async () => {
  const stream = body();
  const chunks = chunksOf(answerOf(stream));
  const first = chunks.next();
  stream.push(own(300_000));
  await first;
  expect(stream.isPaused()).toBe(false);

  for (let i = 0; i < 5; i += 1) stream.push(own(60_000));
  expect(stream.isPaused()).toBe(true);
  const { value } = await chunks.next();

  expect(value).toHaveLength(5);
  expect(stream.isPaused()).toBe(false);
  await chunks.return(undefined);
});

test('a body that fails throws its failure, also when chunks wait', async () => {
  const stream = body();
  const chunks = chunksOf(answerOf(stream));
  const first = chunks.next();
  stream.push('a');
  await first;

  stream.push('b');
  stream.destroy(new Error('broken'));

  await expect(chunks.next()).rejects.toThrow('broken');
});

test('a body that failed before anybody read it throws its failure', async () => {
  const stream = body();
  stream.on('error', () => {});
  stream.destroy(new Error('broken'));

  await expect(chunksOf(answerOf(stream)).next()).rejects.toThrow('broken');
});

test('a body that is closed before its end is no complete answer', async () => {
  const stream = body();
  const chunks = chunksOf(answerOf(stream));
  const first = chunks.next();
  stream.destroy();

  await expect(first).rejects.toThrow('Premature close');
});

test('leaving destroys the body', async () => {
  const stream = body();
  const chunks = chunksOf(answerOf(stream));
  stream.push('a');

  for await (const _group of chunks) break;

  expect(stream.destroyed).toBe(true);
  expect(stream.listenerCount('data')).toBe(0);
});
