import { describe, expect, test } from 'vitest';
import { AmqpQueue } from '../src/index.ts';

describe('AmqpQueue.open', () => {
  test('rejects for options that do not fit, before it connects', async () => {
    await expect(AmqpQueue.open({ name: 'a/b', urls: 'amqp://broker' })).rejects.toThrow(
      RangeError,
    );
    await expect(AmqpQueue.open({ name: 'pods', urls: [] })).rejects.toThrow(TypeError);
  });

  test('rejects with the reason of a signal that has aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));

    await expect(
      AmqpQueue.open({ name: 'pods', urls: 'amqp://localhost:1' }, { signal }),
    ).rejects.toThrow('enough');
  });

  test('refuses what is no signal', async () => {
    const signal = {} as AbortSignal;

    await expect(
      AmqpQueue.open({ name: 'pods', urls: 'amqp://localhost:1' }, { signal }),
    ).rejects.toThrow('it must be an AbortSignal');
  });
});
