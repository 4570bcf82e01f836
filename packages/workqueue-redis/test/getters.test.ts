import { expect, test } from 'vitest';
import { Getters } from '../src/getters.ts';

const result = { item: 'a', shutdown: false } as const;
const shutdown = { item: undefined, shutdown: true };

test('who came first is served first', async () => {
  const getters = new Getters();
  const waiting = [getters.wait({}), getters.wait({})];

  getters.serve(result);
  getters.serve({ ...result, item: 'b' });

  expect((await Promise.all(waiting)).map(({ item }) => item)).toEqual(['a', 'b']);
});

test('who has given up is not served', async () => {
  const getters = new Getters();
  const controller = new AbortController();
  const aborted = getters.wait({ signal: controller.signal });
  const waiting = getters.wait({});
  controller.abort('enough');

  getters.serve(result);

  await expect(aborted).rejects.toBe('enough');
  expect((await waiting).item).toBe('a');
  expect(getters.size).toBe(0);
});

test('after shutdown all who wait and all who come are told', async () => {
  const getters = new Getters();
  const waiting = getters.wait({});

  getters.shutDown();

  expect(await waiting).toEqual(shutdown);
  expect(await getters.wait({})).toEqual(shutdown);
});

test('serving nobody does nothing', () => {
  const getters = new Getters();

  getters.serve(result);

  expect(getters.size).toBe(0);
});
