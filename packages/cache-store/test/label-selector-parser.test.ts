import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../src/label-selector-parser.ts';
import { SelectorError } from '../src/selector-error.ts';
import { thrownBy } from './objects.ts';

const longest = 'n'.repeat(63);

describe('parseLabelSelector', () => {
  test.each([
    ['', ''],
    [' \t\r\n', ''],
    ['a', 'a'],
    ['!a', '!a'],
    ['! a', '!a'],
    ['a=b', 'a=b'],
    ['a==b', 'a==b'],
    ['a!=b', 'a!=b'],
    [' a = b ', 'a=b'],
    ['a=', 'a='],
    ['a!=,b', 'a!=,b'],
    ['a in (b)', 'a in (b)'],
    ['a in(c,b)', 'a in (b,c)'],
    ['a notin ( c , b )', 'a notin (b,c)'],
    ['a in ()', 'a in ()'],
    ['a in (,)', 'a in ()'],
    ['a in (b,,b)', 'a in (,b)'],
    ['a in (in,notin)', 'a in (in,notin)'],
    ['in in (in)', 'in in (in)'],
    ['notin', 'notin'],
    ['a=in', 'a=in'],
    ['a>1', 'a>1'],
    ['a < 007', 'a<007'],
    ['a>9223372036854775807', 'a>9223372036854775807'],
    ['z,b=c,!a', '!a,b=c,z'],
    ['a=b,a!=c', 'a=b,a!=c'],
    ['example.com/a_B.c-9=x', 'example.com/a_B.c-9=x'],
    [`${longest}=${longest}`, `${longest}=${longest}`],
    ['constructor=toString', 'constructor=toString'],
  ])('writes %j as %j', (text, canonical) => {
    expect(parseLabelSelector(text).toString()).toBe(canonical);
  });

  test.each([
    [',', 0, "expected a label key, found ','"],
    ['a,', 2, 'expected a label key, found the end'],
    ['a,,b', 2, "expected a label key, found ','"],
    ['!', 1, 'expected a label key, found the end'],
    ['!!a', 1, "expected a label key, found '!'"],
    ['=b', 0, "expected a label key, found '='"],
    ['!a=b', 2, "expected ',' or the end, found '='"],
    ['a b', 2, "expected an operator ('=', '==', '!=', 'in', 'notin', '>' or '<'), found 'b'"],
    ['a!b', 1, "expected an operator ('=', '==', '!=', 'in', 'notin', '>' or '<'), found '!'"],
    ['a=b c', 4, "expected ',' or the end, found 'c'"],
    ['a==(b)', 3, "expected ',' or the end, found '('"],
    ['a in', 4, "expected '(', found the end"],
    ['a in b', 5, "expected '(', found 'b'"],
    ['a in (b', 7, "expected ',' or ')', found the end"],
    ['a in (b c)', 8, "expected ',' or ')', found 'c'"],
    ['a in (b=c)', 7, "expected ',' or ')', found '='"],
    ['a in (b))', 8, "expected ',' or the end, found ')'"],
    ['a>x', 2, 'the value must be a 64-bit integer'],
    ['a<', 2, 'the value must be a 64-bit integer'],
    ['a>9223372036854775808', 2, 'the value must be a 64-bit integer'],
    [
      'b,-a',
      2,
      "the key must be letters, digits, '-', '_' or '.', and start and end with a letter",
    ],
    ['a-', 1, "the key must be letters, digits, '-', '_' or '.', and start and end with a letter"],
    ['aé', 1, "the key must be letters, digits, '-', '_' or '.', and start and end with a letter"],
    [`${longest}n`, 63, 'the key must not be longer than 63 characters'],
    ['x/', 2, 'the name must not be empty'],
    ['/x', 0, 'the prefix must not be empty'],
    ['a/b/c', 3, 'the key must have at most one slash'],
    ['Ab/c', 0, "the prefix must be lower case letters, digits, '-' or '.'"],
    ['a..b/c', 2, "the prefix must be lower case letters, digits, '-' or '.'"],
    ['a-.b/c', 1, "the prefix must be lower case letters, digits, '-' or '.'"],
    ['a.b-/c', 3, "the prefix must be lower case letters, digits, '-' or '.'"],
    [`${'p'.repeat(254)}/c`, 253, 'the prefix must not be longer than 253 characters'],
    ['a=b,c=d!', 7, "expected ',' or the end, found '!'"],
    ['a=-b', 2, "the value must be letters, digits, '-', '_' or '.'"],
    ['a in (b,c_)', 9, "the value must be letters, digits, '-', '_' or '.'"],
    [`a=${longest}n`, 65, 'the value must not be longer than 63 characters'],
  ])('refuses %j at position %i', (text, position, reason) => {
    const error = thrownBy(() => parseLabelSelector(text));

    if (!SelectorError.is(error)) {
      throw error;
    }
    expect(error.position).toBe(position);
    expect(error.message).toContain(
      `Cannot parse label selector ${JSON.stringify(text)}: ${reason}`,
    );
    expect(error.message.endsWith(`at position ${position}`)).toBe(true);
  });

  test('refuses what is not a string', () => {
    // Untyped callers can do this.
    expect(() => parseLabelSelector({} as unknown as string)).toThrow(TypeError);
  });

  test('reads its own canonical text as the same selector', () => {
    const key = fc.constantFrom('a', 'b', 'in', 'notin', 'x.io/y', 'Z_9');
    const value = fc.constantFrom('', '1', '22', 'in', 'v.w', 'A-b');
    const requirement = fc.oneof(
      fc.tuple(key, fc.constantFrom('=', '==', '!='), value).map((parts) => parts.join('')),
      fc
        .tuple(key, fc.constantFrom(' in ', ' notin '), fc.array(value, { minLength: 1 }))
        .map(([k, operator, values]) => `${k}${operator}(${values.join(',')})`),
      fc.tuple(key, fc.constantFrom('>', '<'), fc.nat()).map((parts) => parts.join('')),
      key.map((k) => `!${k}`),
      key,
    );
    const labels = fc.dictionary(key, value);

    fc.assert(
      fc.property(fc.array(requirement), labels, (requirements, set) => {
        const selector = parseLabelSelector(requirements.join(' , '));

        const again = parseLabelSelector(selector.toString());

        expect(again.toString()).toBe(selector.toString());
        expect(again.matches(set)).toBe(selector.matches(set));
        expect(selector.empty).toBe(requirements.length === 0);
      }),
    );
  });

  test('answers any text with a selector or with a position inside it', () => {
    const part = fc.constantFrom(
      'a',
      'B1',
      '-',
      '/',
      '=',
      '!',
      '<',
      '(',
      ')',
      ',',
      ' ',
      ' in ',
      'é',
    );

    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('');

        expect(faultPosition(text) ?? 0).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

/** Where a text is wrong; undefined when it is right. */
function faultPosition(text: string): number | undefined {
  try {
    parseLabelSelector(text);
    return undefined;
  } catch (error) {
    if (!SelectorError.is(error) || error.position === undefined) {
      throw error;
    }
    return error.position;
  }
}
