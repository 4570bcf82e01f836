import { expect, test } from 'vitest';
import { parallelizeUntil } from '@kubeloop/workqueue';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const cases = [1, 2, 5, 100].flatMap((workers) =>
  [0, 1, 7, 100].flatMap((pieces) =>
    [1, 3, 100, 1000].map((chunkSize) => ({ workers, pieces, chunkSize })),
  ),
);

test.each(cases)(
  'each of $pieces pieces is visited once by $workers workers in chunks of $chunkSize',
  async ({ workers, pieces, chunkSize }) => {
    const visits = Array.from({ length: pieces }, () => 0);

    await parallelizeUntil({ workers, pieces, chunkSize }, async (piece) => {
      if (piece % 3 === 0) await Promise.resolve();
      visits[piece] = (visits[piece] ?? 0) + 1;
    });

    expect(visits).toEqual(Array.from({ length: pieces }, () => 1));
  },
);

test('as many pieces run at a time as there are workers', async () => {
  let running = 0;
  let most = 0;

  await parallelizeUntil({ workers: 4, pieces: 20 }, async () => {
    most = Math.max(most, (running += 1));
    await turn();
    running -= 1;
  });

  expect(most).toBe(4);
});

test('after an abort no further piece begins, also of a chunk that was begun, and the reason is thrown', async () => {
  const controller = new AbortController();
  const visited: number[] = [];

  const running = parallelizeUntil(
    { workers: 1, pieces: 9, chunkSize: 3, signal: controller.signal },
    (piece) => {
      visited.push(piece);
      if (piece === 4) controller.abort('enough');
    },
  );

  await expect(running).rejects.toBe('enough');
  expect(visited).toEqual([0, 1, 2, 3, 4]);
});

test('an abort during the last piece changes nothing', async () => {
  const controller = new AbortController();
  const visited: number[] = [];

  await parallelizeUntil(
    { workers: 1, pieces: 2, chunkSize: 2, signal: controller.signal },
    (piece) => {
      visited.push(piece);
      if (piece === 1) controller.abort('too late');
    },
  );

  expect(visited).toEqual([0, 1]);
});

test('a piece that fails stops no other, and its error is thrown at the end', async () => {
  const visited: number[] = [];

  const running = parallelizeUntil({ workers: 2, pieces: 6, chunkSize: 2 }, (piece) => {
    visited.push(piece);
    if (piece === 1) throw new Error('piece 1 failed');
  });

  await expect(running).rejects.toThrow('piece 1 failed');
  expect(visited.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('the errors of several pieces are thrown together', async () => {
  const running = parallelizeUntil({ workers: 2, pieces: 3 }, (piece) =>
    Promise.reject(new Error(`${piece}`)),
  );

  await expect(running).rejects.toMatchObject({
    message: '3 of 3 pieces failed',
    errors: [new Error('0'), new Error('1'), new Error('2')],
  });
});

test.each([
  { workers: 0, pieces: 1 },
  { workers: 1, pieces: -1 },
  { workers: 1, pieces: Number.NaN },
  { workers: 1, pieces: 1, chunkSize: 0 },
])('numbers out of range are refused: %o', async (options) => {
  await expect(parallelizeUntil(options, () => {})).rejects.toThrow(RangeError);
});
