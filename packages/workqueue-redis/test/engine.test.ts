import { describe, expect, test } from 'vitest';
import { FakeServer } from './fake-server.ts';

describe('the description', () => {
  test('has as many keys in work as one wants, and counts all', async () => {
    const server = new FakeServer();
    const engine = await server.engine();
    const gets = [engine.get(), engine.get()];
    await server.clock.settle();
    const taken = [
      ['a', '1', '0', '0'],
      ['b', '2', '0', '0'],
    ];
    server.calls[0]?.answer([0, -1, 0, taken]);
    await Promise.all(gets);

    const { processing, counts } = engine.describe({ limit: 1 });

    expect(processing).toEqual(['a']);
    expect(counts).toMatchObject({ processing: 2 });
  });

  test.for([[-1], [NaN], [0.5]])('with a limit of %s is refused', async ([limit]) => {
    const engine = await new FakeServer().engine();

    expect(() => engine.describe({ limit })).toThrow(RangeError);
  });
});
