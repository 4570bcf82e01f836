import { describe, expect, test } from 'vitest';
import { bytesPerTurn } from '../src/fair-turns.ts';
import { readList } from '../src/read-list.ts';
import { pods } from '../src/resources-core.ts';

async function* stream(...chunks: string[]): AsyncGenerator<readonly Buffer[]> {
  for (const chunk of chunks) yield [Buffer.from(chunk)];
}

const options = { resource: pods, maxObjectBytes: 1_000_000 };

describe('readList', () => {
  test('a list that arrives all at once gives up a turn of the event loop after every piece of it', async () => {
    const pod = JSON.stringify({ metadata: { name: 'a', annotations: { x: 'y'.repeat(1000) } } });
    const text = `{"items":[${Array.from({ length: 5000 }, () => pod).join()}],"metadata":{}}`;
    let yields = 0;
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);

    const list = await readList(stream(text), { ...options, onYield: () => (yields += 1) });
    isDone = true;

    expect(list.items).toHaveLength(5000);
    expect(yields).toBe(Math.floor(text.length / bytesPerTurn));
    expect(turns).toBeGreaterThanOrEqual(yields);
  });

  test('items get the kind and apiVersion that built-in lists leave out, and keep those they have', async () => {
    const text =
      '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"c","remainingItemCount":3},"items":[{},{"kind":"X","apiVersion":"y/v1"}]}';

    expect(await readList(stream(text), options)).toEqual({
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', continue: 'c', remainingItemCount: 3 },
      items: [
        { kind: 'Pod', apiVersion: 'v1' },
        { kind: 'X', apiVersion: 'y/v1' },
      ],
    });
  });

  test('a list that is larger than the limit is refused while it arrives', async () => {
    const endless = async function* (): AsyncGenerator<readonly Buffer[]> {
      yield [Buffer.from('{"items":[{}')];
      for (;;) yield [Buffer.from(',{}')];
    };

    await expect(readList(endless(), { ...options, maxListBytes: 10_000 })).rejects.toThrow(
      'Cannot read the list of pods after 39 items: It is larger than 10000 bytes; list in pages, select less, or raise option "maxListBytes"',
    );
  });

  test('a list without a resourceVersion has an empty one', async () => {
    const list = await readList(stream('{"items":[]}'), options);

    expect(list.metadata.resourceVersion).toBe('');
  });

  test('an object that is no list is refused', async () => {
    await expect(readList(stream('{"kind":"Pod"}'), options)).rejects.toThrow(
      'Cannot read the list of pods: It has no items, so it is not a list',
    );
  });

  test.each([
    ['{"kind":"Pong","metadata":{},"items":[]}', 'It is of kind "Pong", which is not a list'],
    ['{"kind":"PodList","items":5}', 'Its items are no array'],
    ['{"kind":"PodList","items":{}}', 'Its items are no array'],
    ['{"items":null}', 'Its items are no array'],
    ['{"kind":5,"items":[]}', 'It is of kind 5'],
    ['{"kind":"Table","rows":[]}', 'It has no items'],
  ])('%s would look like an empty list and is refused', async (text, message) => {
    await expect(readList(stream(text), options)).rejects.toThrow(message);
  });

  test.each([['List'], ['PodList'], ['WhateverList']])(
    'a list of kind %s without items may have null for them, as Go writes it',
    async (kind) => {
      const list = await readList(stream(`{"kind":"${kind}","items":null}`), options);

      expect(list.items).toEqual([]);
    },
  );

  test('a custom resource may call its list anything', async () => {
    const { group, ...rest } = { ...pods, group: 'example.com', apiVersion: 'example.com/v1' };
    const text = '{"kind":"PodSet","apiVersion":"example.com/v1","items":[{}]}';

    const list = await readList(stream(text), { ...options, resource: { ...rest, group } });

    expect(list.items).toHaveLength(1);
  });

  test('an answer that ends too early says after how many items', async () => {
    await expect(readList(stream('{"items":[{},{},{"a'), options)).rejects.toThrow(
      'Cannot read the list of pods after 2 items: The list ends in the middle',
    );
  });
});
