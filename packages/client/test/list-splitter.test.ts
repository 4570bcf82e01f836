import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ListSplitter } from '../src/list-splitter.ts';

interface Split {
  readonly items: unknown[];
  readonly envelope: unknown;
}

function split(chunks: readonly Buffer[], maxObjectBytes = 1_000_000): Split {
  const items: unknown[] = [];
  const onItem = (json: string): void => void items.push(JSON.parse(json));
  const splitter = new ListSplitter({ onItem, maxObjectBytes });
  for (const chunk of chunks) splitter.push(chunk);
  return { envelope: splitter.end(), items };
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

const item = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 });
const members = fc.record({
  kind: fc.string({ unit: 'grapheme' }),
  metadata: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { maxKeys: 3 }),
});

describe('ListSplitter', () => {
  test('however a list is cut into chunks, its items and what is around them come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 5 }),
        members,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.record({ isLast: fc.boolean(), indent: fc.constantFrom(undefined, 1, '\t') }),
        (items, around, cuts, { isLast, indent }) => {
          const list = isLast ? { ...around, items } : { items, ...around };
          const bytes = Buffer.from(JSON.stringify(list, null, indent));

          const found = split(cut(bytes, cuts));

          expect(found.items).toEqual(JSON.parse(JSON.stringify(items)));
          expect(found.envelope).toEqual(JSON.parse(JSON.stringify({ ...list, items: [] })));
        },
      ),
    );
  });

  test('a list that comes byte by byte comes out whole', () => {
    const text =
      '{"kind":"L","items":[{"a":"\\"}\\\\"},{"b":[{"ü€😀":[]}]}],"metadata":{"items":[1]}}';
    const chunks = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

    expect(split(chunks)).toEqual({
      items: [{ a: '"}\\' }, { b: [{ 'ü€😀': [] }] }],
      envelope: { kind: 'L', items: [], metadata: { items: [1] } },
    });
  });

  test('items that are null make an empty list', () => {
    expect(split([Buffer.from('{"items":null,"metadata":{}}')])).toEqual({
      items: [],
      envelope: { items: null, metadata: {} },
    });
  });

  test('a member whose name only ends in items is not taken for the items', () => {
    const found = split([Buffer.from('{"x":{"items":[{}]},"no items":[{}],"items":[{"a":1}]}')]);

    expect(found.items).toEqual([{ a: 1 }]);
  });

  test.each([
    '[]',
    '<html>',
    '{"items":[1]}',
    '{"items":[{},]}',
    '{"items":[{}{}]}',
    '{"items":[,{}]}',
    '{"items":[{}]} x',
    '{items:[]}',
    '{"items" []}',
    '{"items":[{}]',
    '{"items":[{"a":1}',
    '{"items":[{"a":]}',
    '{"kind":,"items":[]}',
    '{"kind":"a",}',
    '',
  ])('%j is refused', (text) => {
    expect(() => split([Buffer.from(text)])).toThrow(SyntaxError);
  });

  test('an item that is too long is refused before it has arrived', () => {
    const chunks = [Buffer.from('{"items":[{"a":"'), Buffer.alloc(200, 'x')];

    expect(() => split(chunks, 100)).toThrow(
      new RangeError('An item of the list is longer than 100 bytes (option "maxObjectBytes")'),
    );
  });

  test('many items of which each is short enough may be longer together', () => {
    const text = `{"items":[${Array.from({ length: 100 }, () => '{"a":"x"}').join()}]}`;

    expect(split([Buffer.from(text)], 50).items).toHaveLength(100);
  });
});
