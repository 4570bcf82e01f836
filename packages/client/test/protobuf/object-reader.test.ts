import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readObject } from '../../src/protobuf/readers.ts';
import { field, number, podFields, podJson, unknown } from '../../testing/protobuf-bytes.ts';

const configMap = (...fields: Buffer[]): unknown =>
  structuredClone(readObject(unknown('v1', 'ConfigMap', ...fields)));
const meta = (...fields: Buffer[]): unknown =>
  (configMap(field(1, ...fields)) as { metadata: unknown }).metadata;

/** What an object fails with that is not an error about its bytes or its kind. */
function failureOf(bytes: Buffer): string {
  try {
    structuredClone(readObject(bytes));
    return '';
  } catch (error) {
    const isExpected =
      error instanceof SyntaxError ||
      error instanceof RangeError ||
      /not known/.test(String(error));
    return isExpected ? '' : String(error);
  }
}

describe('reading objects', () => {
  test.each([
    [0, undefined],
    [1, 1],
    [-1, -1],
    [2n ** 49n - 1n, 2 ** 49 - 1],
    [2n ** 53n + 1n, 2 ** 53],
    [2n ** 63n - 1n, 2 ** 63],
    [-(2n ** 63n), -(2 ** 63)],
  ])('the whole number %s is what JSON.parse makes of it', (value, generation) => {
    expect(meta(number(7, value))).toEqual(generation === undefined ? {} : { generation });
  });

  test('any whole number is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(meta(number(10, value))).toEqual({
          deletionGracePeriodSeconds: JSON.parse(String(value)) as number,
        });
      }),
    );
  });

  test('any text arrives, also the same one twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wire = Buffer.from(text).toString('utf8');
        for (let time = 0; time < 2; time += 1)
          expect(meta(field(1, 'n'), field(2, wire))).toEqual(
            wire === '' ? { name: 'n' } : { name: 'n', generateName: wire },
          );
      }),
    );
  });

  test('a time is RFC 3339, and the zero time is left out', () => {
    expect(meta(field(8, number(1, 1_767_323_045), number(2, 0)))).toEqual({
      creationTimestamp: '2026-01-02T03:04:05Z',
    });
    expect(meta(field(8, number(1, 0), number(2, 0)))).toEqual({});
  });

  test('any time is what a date makes of it', () => {
    const latest = 8.64e12;
    const seconds = fc.oneof(
      fc.integer({ min: -latest, max: latest }),
      fc.integer({ min: 0, max: 2 ** 32 }),
    );

    fc.assert(
      fc.property(
        seconds.filter((each) => each !== 0),
        (each) => {
          const text = new Date(each * 1000).toISOString().replace('.000Z', 'Z');
          expect(meta(field(8, number(1, BigInt(each))))).toEqual({ creationTimestamp: text });
        },
      ),
    );
  });

  test('entries of maps may be called anything, have no value, and come as bytes', () => {
    const got = configMap(
      field(1, field(1, 'a')),
      field(2, field(1, '__proto__'), field(2, 'x')),
      field(2, field(1, 'none')),
      field(3, field(1, 'bytes'), field(2, Buffer.from([255, 0]))),
    ) as { data: object };

    expect(got).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: JSON.parse('{"__proto__":"x","none":""}') as object,
      binaryData: { bytes: '/wA=' },
    });
    expect(Object.keys(got.data)).toEqual(['__proto__', 'none']);
  });

  test('fields that are not known are skipped, of whatever wire type', () => {
    const future = [
      number(999, 5),
      field(1000, 'x'),
      Buffer.from([0xc9, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8]),
      Buffer.from([0xcd, 0x3e, 1, 2, 3, 4]),
    ];

    expect(readObject(unknown('v1', 'Pod', ...podFields('a'), ...future))).toEqual(podJson('a'));
  });

  test.each<[string, Buffer, RegExp]>([
    ['a group', Buffer.from([0x3b]), /wire type 3 is not known/],
    ['a number where text belongs', field(1, number(1, 5)), /in metadata.*wire type 0/],
    ['a text that does not end', Buffer.from([0x0a, 0x20, 0x0a]), /does not fit/],
    ['a number without an end', field(1, Buffer.alloc(11, 0xff)), /more than ten bytes/],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => readObject(unknown('v1', 'Pod', bytes))).toThrow(message);
  });

  test('a kind that is not known is refused', () => {
    expect(() => readObject(unknown('example.com/v1', 'Widget'))).toThrow(
      'Cannot read protobuf of kind Widget of example.com/v1: its fields are not known',
    );
    expect(() => readObject(unknown('__proto__', 'constructor'))).toThrow('not known');
  });

  test('no bytes whatsoever crash or hang: they are an object or an error', () => {
    const whole = unknown('v1', 'Pod', ...podFields('a'));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const bytes = Buffer.from(isCut ? whole.subarray(0, at) : whole);
        if (!isCut) bytes[at] = byte;
        expect(failureOf(bytes)).toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});
